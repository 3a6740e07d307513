#!/bin/sh
# Runs a command in another release's file system, which sees the lab's folder at the same path as this machine does:
#
#   unshare --mount --propagation private in-root.sh ROOT LAB-FOLDER COMMAND...
set -eu
root=$1 lab=$2
shift 2
mkdir -p "$root$lab"
mount --bind "$lab" "$root$lab"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
exec chroot "$root" "$@"
