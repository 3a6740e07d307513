#!/usr/bin/env bash
# Lays out what the image has beside the operator's own jars: the JVM's options, and for an image that starts from nothing
# ("scratch") also a Java runtime, the C libraries that it needs, and what a system must have to resolve names and users.
#
#   root.sh ROOT JDK BASE         the folder to write, a JDK for Linux, the base image's name
set -euo pipefail

root=$1 jdk=$2 base=$3
here=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)

rm -rf "$root"
mkdir -p "$root/app"
cp "$here/deploy/jvm.options" "$root/app/jvm.options"
[ "$base" = scratch ] || exit 0

"$here/src/image/runtime.sh" "$root/opt/java" "$jdk"

# The libraries that the runtime is linked against, and the loader; a name in a link is what is looked for.
find "$root/opt/java" -type f \( -name '*.so' -o -path '*/bin/java' \) -exec ldd {} + |
    sed -n 's/.*=> \(\/[^ ]*\) (0x.*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (0x.*/\1/p' | sort -u |
    while read -r library; do
        case $library in "$root"/*) continue ;; esac
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done

mkdir -p "$root/etc" "$root/tmp"
echo 'operator:x:65532:65532::/tmp:/sbin/nologin' >"$root/etc/passwd"
echo 'operator:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
# Jib leaves empty folders out.
: >"$root/tmp/.keep"
