// What the pages do beyond showing: filter and sort by the URL, copy commands, and on a dashboard follow what happens.
"use strict";

const params = () => new URLSearchParams(location.search);

/** Puts what differs from the defaults into the URL, so that a view can be sent to somebody. */
function remember(values) {
  const all = params();
  for (const [name, value] of Object.entries(values)) {
    if (value) all.set(name, value);
    else all.delete(name);
  }
  const query = all.toString();
  try {
    history.replaceState(null, "", (query ? "?" + query : location.pathname) + location.hash);
  } catch {
    // A page of the disk may not everywhere.
  }
}

const words = text => text.toLowerCase().split(/\s+/).filter(Boolean);
const has = (text, all) => all.every(word => text.includes(word));

// ---------------------------------------------------------------- lists

function fillSelects(form, rows) {
  for (const select of form.querySelectorAll("select")) {
    const own = select.querySelectorAll("option[data-own]");
    if (select.options.length > 1 && own.length === 0) continue; // the page has its options
    const values = new Set();
    for (const row of rows) if (row.dataset[select.name]) values.add(row.dataset[select.name]);
    const sorted = [...values].sort();
    if (own.length === sorted.length && sorted.every((value, i) => own[i].value === value)) continue;
    const chosen = select.value;
    own.forEach(option => option.remove());
    for (const value of sorted) {
      const option = new Option(value, value);
      option.dataset.own = "";
      select.add(option);
    }
    select.value = chosen;
    select.parentElement.hidden = sorted.length < 2 && !select.value; // nothing to choose
  }
}

const matches = (row, name, value) => (name in row.dataset ? row.dataset[name] === value : row.classList.contains(value));

function filterList(form) {
  const table = document.getElementById(form.dataset.table);
  const rows = table.tBodies[0].rows;
  const search = words(form.elements.q.value);
  const selects = [...form.querySelectorAll("select")].filter(select => select.value);
  let shown = 0;
  for (const row of rows) {
    const good = selects.every(select => matches(row, select.name, select.value)) && has(row.textContent.toLowerCase(), search);
    if (row.hidden === good) row.hidden = !good;
    if (good) shown++;
  }
  form.querySelector("output").value = shown === rows.length ? String(shown) : shown + " of " + rows.length;
}

function key(row, column) {
  const cell = row.cells[column];
  const text = cell.dataset.value ?? cell.textContent.trim();
  return text === "" || text === "–" ? null : text;
}

function sortList(table, sort) {
  const name = sort.replace(/^-/, "");
  const heads = [...table.tHead.rows[0].cells];
  const column = heads.findIndex(head => head.dataset.sort === name);
  for (const head of heads) head.removeAttribute("aria-sort");
  if (column < 0) return;
  const down = sort.startsWith("-");
  heads[column].setAttribute("aria-sort", down ? "descending" : "ascending");
  const numbers = heads[column].classList.contains("n");
  const order = numbers ? (a, b) => a - b : new Intl.Collator(undefined, { numeric: true }).compare;
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row, place) => ({ row, place, key: key(row, column) }));
  rows.sort((a, b) => {
    if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.place - b.place;
    return (down ? -order(a.key, b.key) : order(a.key, b.key)) || a.place - b.place;
  });
  rows.forEach(({ row }, place) => {
    if (body.rows[place] !== row) body.insertBefore(row, body.rows[place] ?? null);
  });
}

function sortButtons(table) {
  for (const head of table.tHead.rows[0].cells) {
    if (!head.dataset.sort || head.querySelector("button")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
  }
}

function arrangeLists() {
  for (const form of document.querySelectorAll("form[data-table]")) {
    const table = document.getElementById(form.dataset.table);
    fillSelects(form, table.tBodies[0].rows);
    sortButtons(table);
    const sort = params().get("sort");
    if (sort) sortList(table, sort);
    filterList(form);
  }
}

// ---------------------------------------------------------------- the matrix

function filterMatrix(form) {
  const matrix = document.getElementById(form.dataset.matrix);
  const search = words(form.elements.q.value);
  const project = words(form.elements.project.value);
  let shown = 0;
  let columns = 0;
  for (const details of matrix.querySelectorAll("details")) {
    const table = details.querySelector("table");
    const heads = [...table.tHead.rows[0].cells];
    const hidden = heads.map((head, i) => i > 0 && !has(head.textContent.toLowerCase(), project));
    columns = hidden.filter(each => !each).length - 1;
    heads.forEach((head, i) => head.hidden !== hidden[i] && (head.hidden = hidden[i]));
    let some = 0;
    for (const body of table.tBodies) {
      let here = 0;
      for (const row of body.rows) {
        if (row.classList.contains("family")) continue;
        const good = has(row.cells[0].textContent.toLowerCase(), search);
        if (row.hidden === good) row.hidden = !good;
        if (!good) continue;
        here++;
        for (let i = 1; i < row.cells.length; i++) if (row.cells[i].hidden !== hidden[i]) row.cells[i].hidden = hidden[i];
      }
      if (body.hidden !== (here === 0)) body.hidden = here === 0;
      some += here;
    }
    shown += some;
    if (details.hidden !== (some === 0)) details.hidden = some === 0;
    if (search.length && some) details.open = true;
  }
  form.querySelector("output").value = shown + (shown === 1 ? " image, " : " images, ") + columns + (columns === 1 ? " project" : " projects");
}

function arrangeMatrix() {
  for (const form of document.querySelectorAll("form[data-matrix]")) filterMatrix(form);
}

function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = target && target.closest("details");
  if (details) details.open = true;
}

// ---------------------------------------------------------------- all pages

const arrange = () => {
  arrangeLists();
  arrangeMatrix();
  document.querySelectorAll("button.copy").forEach(button => button.hidden && (button.hidden = false));
};

function begin() {
  for (const form of document.querySelectorAll("form.filters")) {
    form.hidden = false;
    if (form.dataset.table) fillSelects(form, document.getElementById(form.dataset.table).tBodies[0].rows);
    for (const [name, value] of params()) {
      const field = form.elements[name];
      if (field) field.value = value;
    }
  }
  arrange();
  openTarget();
}

function changed(event) {
  const form = event.target.form;
  if (!form || !form.matches("form.filters")) return;
  remember({ [event.target.name]: event.target.value });
  if (form.dataset.matrix) filterMatrix(form);
  else filterList(form);
}

async function copy(button) {
  const text = button.parentElement.querySelector("code").textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(button.parentElement.querySelector("code"));
    button.textContent = "Press Ctrl+C";
  }
  setTimeout(() => (button.textContent = "Copy"), 2000);
}

function clicked(event) {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.matches(".copy")) copy(button);
  if (button.matches(".all")) document.querySelectorAll(".matrix details").forEach(details => (details.open = true));
  const head = button.closest("th[data-sort]");
  if (head) {
    const sort = (head.getAttribute("aria-sort") === "ascending" ? "-" : "") + head.dataset.sort;
    remember({ sort });
    sortList(head.closest("table"), sort);
  }
}

document.addEventListener("input", changed);
document.addEventListener("change", changed);
document.addEventListener("click", clicked);
document.addEventListener("submit", event => event.preventDefault());
addEventListener("hashchange", openTarget);
begin();

// ---------------------------------------------------------------- a page that follows what happens

/** What a reader, not the page, decides. */
const readers = new Set(["open", "hidden", "aria-sort"]);

/** What tells a node from those beside it: its ID, or what a row of a table is about. */
const identity = node => node.id || (node.nodeName === "TR" && node.querySelector("td a")?.getAttribute("href")) || "";

const same = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && identity(a) === identity(b);

/** Makes one node like the other, and leaves alone what is so already: no flicker, and focus, scroll and selection stay. */
function become(node, other) {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.data !== other.data) node.data = other.data;
    return;
  }
  for (const { name, value } of [...other.attributes]) {
    if (!readers.has(name) && node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
  for (const { name } of [...node.attributes]) {
    if (!readers.has(name) && !other.hasAttribute(name)) node.removeAttribute(name);
  }
  if (node.matches("form.filters, button")) return;
  if (node.matches("th[data-sort]")) return;
  const places = new Map();
  for (const child of node.children) if (identity(child)) places.set(identity(child), child);
  let here = node.firstChild;
  for (const wanted of [...other.childNodes]) {
    const name = identity(wanted);
    const known = name ? places.get(name) : undefined;
    if (known && known !== here) node.insertBefore(known, here);
    else if (!known && !(here && same(here, wanted) && !name)) {
      const made = document.importNode(wanted, true);
      node.insertBefore(made, here);
      mark(made);
      continue;
    }
    const child = known ?? here;
    if (!child.isEqualNode(wanted)) {
      const before = name ? child.textContent : null;
      become(child, wanted);
      if (before !== null && before !== child.textContent) mark(child);
    }
    here = child.nextSibling;
  }
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
}

/** Shows what changed, for a moment. */
function mark(node) {
  if (node.nodeType !== Node.ELEMENT_NODE || !node.matches("tr, li")) return;
  node.classList.remove("changed");
  void node.offsetWidth;
  node.classList.add("changed");
  setTimeout(() => node.classList.remove("changed"), 5000);
}

const live = document.getElementById("live");
/** Between two looks; more where the page is large, so that at most a tenth of the time goes into it. */
const often = 2000;
let etag = null;

async function look() {
  let wait = often;
  try {
    if (!document.hidden) {
      const headers = etag ? { "If-None-Match": etag } : {};
      const answer = await fetch(location.pathname, { headers, cache: "no-store" });
      if (answer.status === 200) {
        const began = performance.now();
        const text = await answer.text();
        const first = etag === null;
        etag = answer.headers.get("ETag");
        const page = new DOMParser().parseFromString(text, "text/html");
        const focused = document.activeElement;
        for (const part of ["main", "header", "footer > p:first-child"]) {
          const mine = document.querySelector(part);
          const its = page.querySelector(part);
          if (mine && its) become(mine, its);
        }
        arrange();
        if (focused && focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
        wait = Math.max(wait, 10 * (performance.now() - began));
        say(first ? "Live" : "Live: updated");
      } else if (answer.status === 304) {
        say("Live");
      } else {
        say(answer.status === 404 ? "Not live: what this page was about is gone." : "Not live: the dashboard answered " + answer.status + ".");
      }
    }
  } catch {
    say("Not live: the dashboard has ended. Start it again, and open the URL that it prints.");
  }
  setTimeout(look, wait);
}

function say(text) {
  if (live.textContent !== text) live.textContent = text;
}

if (document.documentElement.dataset.live === "true") look();
