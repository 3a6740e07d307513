// Gives the page as it is now in the window as an SVG text: boxes, lines and words, so that the picture can be kept as text.
function picture(width, height) {
  const parts = [];
  const escape = text => text.replace(/[&<>"]/g, c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
  const round = number => Math.round(number * 10) / 10;
  const color = text => {
    const [r, g, b, a] = text.match(/[\d.]+/g).map(Number);
    return a === 0 ? null : "#" + [r, g, b].map(each => each.toString(16).padStart(2, "0")).join("");
  };
  const isSeen = rect => rect.width > 0 && rect.height > 0 && rect.top < height && rect.bottom > 0 && rect.left < width;

  function box(element, style, rect) {
    const fill = color(style.backgroundColor);
    const side = ["Top", "Right", "Bottom", "Left"].map(name => [parseFloat(style["border" + name + "Width"]), style["border" + name + "Color"]]);
    const all = side.every(([size]) => size > 0);
    const radius = Math.min(parseFloat(style.borderTopLeftRadius) || 0, rect.height / 2);
    if (fill || all) {
      const inset = all ? 0.5 : 0;
      parts.push(`<rect x="${round(rect.left + inset)}" y="${round(rect.top + inset)}" width="${round(rect.width - 2 * inset)}" height="${round(rect.height - 2 * inset)}"`
        + (radius ? ` rx="${radius}"` : "") + ` fill="${fill ?? "none"}"` + (all ? ` stroke="${color(side[0][1])}"` : "") + "/>");
    }
    if (!all && side[2][0] > 0 && color(side[2][1])) {
      const y = round(rect.bottom - side[2][0] / 2);
      parts.push(`<path d="M${round(rect.left)} ${y}H${round(rect.right)}" stroke="${color(side[2][1])}" stroke-width="${side[2][0]}"/>`);
    }
  }

  function words(text, style) {
    const lines = [];
    const range = document.createRange();
    for (let i = 0; i < text.data.length; i++) {
      range.setStart(text, i);
      range.setEnd(text, i + 1);
      const rect = range.getBoundingClientRect();
      if (rect.width === 0 || rect.height === 0) continue;
      const last = lines[lines.length - 1];
      if (last && Math.abs(last.top - rect.top) < 2) {
        last.text += text.data[i];
        last.right = rect.right;
      } else lines.push({ text: text.data[i], left: rect.left, right: rect.right, top: rect.top, bottom: rect.bottom });
    }
    const size = parseFloat(style.fontSize);
    for (const line of lines) {
      const said = line.text.replace(/\s+/g, " ");
      if (!said.trim() || line.top > height || size === 0) continue;
      const base = round((line.top + line.bottom) / 2 + size * 0.35);
      parts.push(`<text x="${round(line.left)}" y="${base}" font-size="${size}" fill="${color(style.color)}" textLength="${round(line.right - line.left)}"`
        + (parseInt(style.fontWeight) > 500 ? ' font-weight="600"' : "") + (/mono/i.test(style.fontFamily) ? ' class="m"' : "")
        + ` xml:space="preserve">${escape(said)}</text>`);
    }
  }

  function draw(node) {
    if (node.nodeType === Node.TEXT_NODE) {
      words(node, getComputedStyle(node.parentElement));
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const style = getComputedStyle(node);
    const rect = node.getBoundingClientRect();
    if (style.display === "none" || style.visibility === "hidden" || (!isSeen(rect) && style.display !== "contents")) return;
    if (style.clipPath !== "none") return;
    if (node.nodeName === "rect") {
      parts.push(`<rect x="${round(rect.left)}" y="${round(rect.top)}" width="${round(rect.width)}" height="${round(rect.height)}" fill="${color(style.fill)}"/>`);
      return;
    }
    box(node, style, rect);
    node.childNodes.forEach(draw);
    if (node.nodeName === "A" && style.textDecorationLine.includes("underline")) {
      const under = node.getClientRects()[0];
      if (under) parts.push(`<path d="M${round(under.left)} ${round(under.bottom - 1)}H${round(under.right)}" stroke="${color(style.color)}" stroke-opacity=".4"/>`);
    }
  }

  // What style sheets write before a word becomes a word.
  for (const element of document.querySelectorAll("body *")) {
    const content = getComputedStyle(element, "::before").content.match(/^"([^"]*)"/);
    if (content && content[1]) {
      const sign = document.createElement("span");
      sign.textContent = content[1];
      const style = getComputedStyle(element, "::before");
      sign.style.color = style.color;
      sign.style.marginRight = style.marginRight;
      element.prepend(sign);
    }
  }
  const plain = new CSSStyleSheet();
  plain.replaceSync("*::before { content: none !important }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, plain];

  draw(document.body);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, 'Liberation Sans', sans-serif" role="img" aria-label="The dashboard's first page">\n`
    + "<style>.m { font-family: ui-monospace, 'Liberation Mono', monospace }</style>\n"
    + parts.join("\n") + `\n<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" fill="none" stroke="#dcdcd6"/>\n</svg>\n`;
}
return picture(arguments[0], arguments[1]);
