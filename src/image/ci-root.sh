#!/usr/bin/env bash
# Lays out what the image for CI has beside its base: a Java runtime, the command imageshare, and the jars.
#
#   ci-root.sh ROOT JDK           the folder to write, a JDK for Linux; target/ has the packaged jar
set -euo pipefail

root=$1 jdk=$2
here=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)

rm -rf "$root"
mkdir -p "$root/usr/local/bin" "$root/usr/local/lib/imageshare"
cp "$here"/deploy/bin/* "$root/usr/local/bin/"
cp -r "$here/target/imageshare-operator.jar" "$here/target/lib" "$root/usr/local/lib/imageshare/"
"$here/src/image/runtime.sh" "$root/opt/java" "$jdk"
