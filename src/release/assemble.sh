#!/usr/bin/env bash
# Collects a release of what `mvn package -Pimage,ci-image` left in target/. Equal input gives equal files.
#
#   assemble.sh REGISTRY FOLDER     where the images will be, such as registry.example.com/team; the folder to write
#
# Needs kubectl 1.25 or newer in PATH. Writes:
#   imageshare-operator-VERSION.image.tar   imageshare-ci-VERSION.image.tar    both images, in Docker's format
#   imageshare-operator-VERSION.tgz         the chart, with the images' names in that registry
#   install.yaml   crds.yaml                the same without Helm; the CRDs alone
#   imageshare-VERSION.tar.gz               the commands, for a machine with Java
#   *.cdx.json                              bills of materials (CycloneDX): the operator's libraries, the CI image's packages
#   RELEASE_NOTES.md                        this version's part of CHANGELOG.md
#   SHA256SUMS                              of all of them
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

registry=${1%/}
rm -rf "$2"
mkdir -p "$2"
out=$(cd "$2" && pwd)
version=$(sed -n 's|^  <version>\(.*\)</version>$|\1|p' pom.xml)
work=$(mktemp -d target/release.XXXXXX)
trap 'rm -rf "$work"' EXIT

# With owners, times and order that don't depend on who packs it when.
pack() { # FILE FOLDER NAME...
    local file=$1 folder=$2
    shift 2
    tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=u+rw,go=rX,go-w \
        --directory "$folder" "$@" | gzip -n -9 >"$file"
}

awk -v version="$version" '
    /^## / { found = ($2 == version) }
    found' CHANGELOG.md >"$out/RELEASE_NOTES.md"
[ -s "$out/RELEASE_NOTES.md" ] || {
    echo "assemble.sh: CHANGELOG.md has no part '## $version'" >&2
    exit 1
}

cp target/image.tar "$out/imageshare-operator-$version.image.tar"
cp target/ci-image.tar "$out/imageshare-ci-$version.image.tar"

cp -r deploy/helm/imageshare-operator "$work/"
sed -i "s|^  repository: imageshare-operator$|  repository: $registry/imageshare-operator|" "$work/imageshare-operator/values.yaml"
sed -i "s|image: imageshare-operator:|image: $registry/imageshare-operator:|" "$work/imageshare-operator/Chart.yaml"
pack "$out/imageshare-operator-$version.tgz" "$work" imageshare-operator

src/release/install.sh "$registry" "$version" >"$out/install.yaml"
kubectl kustomize crds >"$out/crds.yaml"

commands=$work/imageshare-$version
mkdir -p "$commands/bin" "$commands/lib/imageshare"
cp deploy/bin/* "$commands/bin/"
cp -r target/imageshare-operator.jar target/lib "$commands/lib/imageshare/"
cp LICENSE "$commands/"
pack "$out/imageshare-$version.tar.gz" "$work" "imageshare-$version"

cp target/classes/META-INF/sbom/imageshare-operator.cdx.json "$out/imageshare-operator-$version.cdx.json"
src/release/debian-bom.sh "imageshare-ci" "$version" <target/ci-base.tar.packages >"$out/imageshare-ci-$version.cdx.json"

(cd "$out" && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs sha256sum) >"$work/SHA256SUMS"
mv "$work/SHA256SUMS" "$out/SHA256SUMS"
