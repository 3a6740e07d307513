#!/usr/bin/env bash
# Installs Debian's Prometheus, of which MonitoringRealIT runs prometheus and promtool. No daemon is started.
set -euo pipefail
if command -v prometheus >/dev/null && command -v promtool >/dev/null; then
    exit 0
fi
policy=/usr/sbin/policy-rc.d
made=
finish() { [ -z "$made" ] || rm -f "$policy"; }
trap finish EXIT
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    made=1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q -y install --no-install-recommends prometheus
