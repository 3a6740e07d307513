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

if [ ! -x "$jdk/bin/jlink" ]; then
    echo "root.sh: $jdk has no bin/jlink: set JAVA_HOME to a JDK, or -Dimage.base to an image that has Java" >&2
    exit 1
fi
# jdk.crypto.ec: TLS with elliptic curves (before 22). jdk.net, jdk.unsupported: OkHttp and Fabric8. jdk.management: metrics.
# java.sql: Jackson names its types.
modules=java.base,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml
modules+=,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.net,jdk.unsupported
mkdir -p "$root/opt"
"$jdk/bin/jlink" --add-modules "$modules" --strip-java-debug-attributes --no-header-files --no-man-pages \
    --output "$root/opt/java"

# Of the same runtime, older JVMs write another archive of the JDK's classes each time.
version=$("$root/opt/java/bin/java" --version | sed -n '1s/[^0-9]*\([0-9]*\).*/\1/p')
if [ "$version" -ge 25 ]; then
    "$root/opt/java/bin/java" -Xshare:dump -XX:+UseSerialGC >/dev/null
    "$root/opt/java/bin/java" -Xshare:dump -XX:+UseSerialGC -XX:+UseCompactObjectHeaders >/dev/null
fi

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
