#!/usr/bin/env bash
# Installs Debian's Chromium and its driver, in which the tests of -Preal look at the pages.
set -euo pipefail
if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q -y install --no-install-recommends chromium chromium-driver fonts-liberation fonts-noto-color-emoji
