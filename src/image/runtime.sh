#!/usr/bin/env bash
# Makes a Java runtime with the modules that the operator and its commands use.
#
#   runtime.sh FOLDER JDK         the folder to make, a JDK for Linux
set -euo pipefail

runtime=$1 jdk=$2

if [ ! -x "$jdk/bin/jlink" ]; then
    echo "runtime.sh: $jdk has no bin/jlink: set JAVA_HOME to a JDK, or -Dimage.base to an image that has Java" >&2
    exit 1
fi
# jdk.crypto.ec: TLS with elliptic curves (before 22). jdk.net, jdk.unsupported: OkHttp and Fabric8. jdk.management: metrics.
# java.sql: Jackson names its types.
modules=java.base,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml
modules+=,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.net,jdk.unsupported
mkdir -p "$(dirname "$runtime")"
"$jdk/bin/jlink" --add-modules "$modules" --strip-java-debug-attributes --no-header-files --no-man-pages \
    --output "$runtime"

# Of the same runtime, older JVMs write another archive of the JDK's classes each time.
version=$("$runtime/bin/java" --version | sed -n '1s/[^0-9]*\([0-9]*\).*/\1/p')
if [ "$version" -ge 25 ]; then
    "$runtime/bin/java" -Xshare:dump -XX:+UseSerialGC >/dev/null
    "$runtime/bin/java" -Xshare:dump -XX:+UseSerialGC -XX:+UseCompactObjectHeaders >/dev/null
fi
