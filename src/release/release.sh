#!/usr/bin/env bash
# Makes a release of the commit that is checked out, into target/release/: see assemble.sh for what is in it. Nothing is
# pushed or tagged.
#
#   release.sh REGISTRY             where the images will be, such as registry.example.com/team
#
# Needs a JDK (17 or newer), Maven, and root on Debian or Ubuntu for the base of the CI image; CI_BASE names another base with
# git and kubectl, such as one in a registry, and no root is needed then.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

fail() {
    echo "release.sh: $*" >&2
    exit 1
}

[ $# -eq 1 ] || fail "which registry? release.sh REGISTRY"
version=$(sed -n 's|^  <version>\(.*\)</version>$|\1|p' pom.xml)
case $version in
    *-SNAPSHOT) fail "pom.xml has $version, which is no release: set the version" ;;
esac
[ -z "$(git status --porcelain)" ] || fail "there are changes that aren't committed: git status"
grep -q "^## $version" CHANGELOG.md || fail "CHANGELOG.md has no part '## $version'"

base=()
if [ -n "${CI_BASE:-}" ]; then
    base=("-Dimage.ci.base=$CI_BASE" -Dimage.ci.base.skip=true)
fi
mvn -B -ntp clean package -Pimage,ci-image -DskipTests -Dimage.revision="$(git rev-parse HEAD)" "${base[@]}"
if [ -n "${CI_BASE:-}" ]; then
    : >target/ci-base.tar.packages # the base has a bill of its own
fi
PATH="$(src/test/kube/tools.sh):$PATH" src/release/assemble.sh "$1" target/release
echo
cat target/release/SHA256SUMS
echo
echo "Next: git tag v$version; push the images, for example"
echo "  skopeo copy docker-archive:target/release/imageshare-operator-$version.image.tar docker://${1%/}/imageshare-operator:$version"
echo "  skopeo copy docker-archive:target/release/imageshare-ci-$version.image.tar docker://${1%/}/imageshare-ci:$version"
