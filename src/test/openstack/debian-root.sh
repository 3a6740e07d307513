#!/bin/bash
# Another release of Debian in a folder, with some packages, none of whose services starts:
#
#   debian-root.sh RELEASE FOLDER PACKAGE...      exits 3 if the archive that apt uses here doesn't have them
#
# It takes root. What is there already is left as it is; to have it anew, delete the folder.
set -euo pipefail
release=$1 root=$2
shift 2

exec 7>"$root.lock"
flock 7
[ ! -e "$root/installed" ] || [ "$(cat "$root/installed")" != "$*" ] || exit 0

say() { printf '%s debian-root.sh: %s\n' "$(date +%T)" "$*" >&2; }
missing() { # missing LOG: what it said last, without the archive's name
    tail -n 5 "$1" | sed -E 's#https?://[^ ]+#(archive)#g' >&2
    say "the archive doesn't have $release with $packages"
    exit 3
}
packages=$*
own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
archive=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' | sed -n "s/^$own //p" | head -n 1)
[ -n "$archive" ] || { say "apt has no archive of $own here"; exit 1; }

if ! command -v debootstrap >/dev/null; then
    apt-get -q update >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends debootstrap >/dev/null
fi
say "installing $packages of $release into $root (two minutes; logs beside it)"
if [ ! -e "$root/debootstrapped" ]; then
    rm -rf "$root"
    # debootstrap doesn't read apt's own settings
    eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
    http_proxy=${http_proxy:-} debootstrap --variant=minbase --include=ca-certificates "$release" "$root" "$archive" \
        >"$root.debootstrap.log" 2>&1 </dev/null || missing "$root.debootstrap.log"
    apt-config dump | grep -i '^Acquire::https\?::Proxy' >"$root/etc/apt/apt.conf.d/10proxy" || true
    # an archive of some day is as good, and no services start
    echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/10some-day"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    touch "$root/debootstrapped"
fi
# From the lists a solution is found before anything is fetched: what fails then is no longer for want of packages.
apt() {
    unshare --mount --propagation private sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' "$root" \
        env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -q -y --no-install-recommends \
        -o Dpkg::Options::=--force-unsafe-io "$@" 7>&-
}
apt update >"$root.apt.log" 2>&1 </dev/null || missing "$root.apt.log"
apt --simulate install "$@" >>"$root.apt.log" 2>&1 </dev/null || missing "$root.apt.log"
apt install "$@" >>"$root.apt.log" 2>&1 </dev/null ||
    { tail -n 20 "$root.apt.log" | sed -E 's#https?://[^ ]+#(archive)#g' >&2; say "apt-get failed"; exit 1; }
apt clean >>"$root.apt.log" 2>&1
echo "$*" >"$root/installed"
