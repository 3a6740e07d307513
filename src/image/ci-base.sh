#!/usr/bin/env bash
# Makes the base of the image for CI of Debian's packages, without a container engine and a registry: a shell, curl, git and kubectl.
# Debian 13, whose kubectl knows kustomize's components. Needs root on Debian or Ubuntu, and installs mmdebstrap.
#
#   ci-base.sh TAR                the file to write, in Docker's format; beside it TAR.packages, what is in it
#
# Setting: SOURCE_DATE_EPOCH (the date of all files in it; 0)
set -euo pipefail

tar=$1
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-0}
# zlib and libstdc++ are for the Java runtime.
packages=ca-certificates,curl,git,kubernetes-client,libstdc++6,zlib1g

command -v mmdebstrap >/dev/null || {
    apt-get -q update
    DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends mmdebstrap
} >&2

mkdir -p "$(dirname "$tar")"
work=$(mktemp -d "$tar.XXXXXX")
trap 'rm -rf "$work"' EXIT

# CI checks out as another user than runs in the container, which git refuses otherwise.
# What only people read at a terminal stays out; the licences don't.
mmdebstrap --quiet --variant=essential --components=main --include="$packages" \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --skip=output/dev \
    --customize-hook='printf "[safe]\n\tdirectory = *\n" >"$1/etc/gitconfig"' \
    --customize-hook='chroot "$1" dpkg-query -W -f "\${Package} \${Version} \${Architecture}\n" >"'"$work"'/packages"' \
    --customize-hook='rm -rf "$1"/var/log/* "$1"/var/cache/* "$1"/var/lib/apt/lists/* "$1"/var/lib/dpkg/*-old' \
    trixie "$work/layer.tar"

layer=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
case $(uname -m) in
    x86_64) architecture=amd64 ;;
    aarch64) architecture=arm64 ;;
    *) architecture=$(dpkg --print-architecture) ;;
esac
cat >"$work/config.json" <<END
{"architecture":"$architecture","os":"linux","created":"1970-01-01T00:00:00Z",
 "config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]},
 "rootfs":{"type":"layers","diff_ids":["sha256:$layer"]}}
END
cat >"$work/manifest.json" <<END
[{"Config":"config.json","RepoTags":["imageshare-ci-base:latest"],"Layers":["layer.tar"]}]
END
tar --create --file "$tar" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
    --directory "$work" config.json layer.tar manifest.json
mv "$work/packages" "$tar.packages"
