#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs a command (scripts/check unless given) in a fresh clone of this checkout on a bare Debian 12: nothing
# but what debootstrap makes with git in it, and this machine's way to its packages. Needs root, debootstrap.
#
#   tests/bare/run.sh scripts/demo
#   tests/bare/run.sh env FUZZ_RUNS=1000 scripts/check
#
# The bare system is made once and kept in BARE_ROOT (/var/tmp/practice-bare-root); remove it to have a new
# one. Each run gets a copy, which goes away with it. It shares this machine's network, since it has to
# install packages; all else (mounts, processes) is its own. Only what is committed is in the clone.
set -euo pipefail

checkout=$(realpath "$(dirname "$0")/../..")
base=${BARE_ROOT:-/var/tmp/practice-bare-root}
release=bookworm
run=
child=

leave() {
    [ -z "$child" ] || kill -KILL "$child" || true
    wait
    [ -z "$run" ] || rm -rf --one-file-system "$run"
}

# Where this machine gets the release from; nothing when it has other sources.
mirror() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        sed -n "s/ $release main\$//p" | head -1
}

# Sources, proxy and certificates of this machine, so that apt works in there if it works here.
bring_apt() {
    rm -rf "$1/etc/apt"
    cp -a /etc/apt "$1/etc/"
    cp -a /usr/share/keyrings/. "$1/usr/share/keyrings/"
    cp -a /usr/local/share/ca-certificates/. "$1/usr/local/share/ca-certificates/"
    chroot "$1" update-ca-certificates >/dev/null 2>&1
}

make_base() {
    local from made=$base.new
    from=$(mirror)
    echo "making a bare Debian 12 in $base"
    rm -rf --one-file-system "$made"
    mkdir -p "$made"
    debootstrap --variant=minbase --include=git,ca-certificates $release "$made" ${from:+"$from"} \
        >"$made.log" 2>&1 || {
        tail -20 "$made.log" >&2
        exit 1
    }
    [ -z "$from" ] || bring_apt "$made"
    rm -f "$made.log"
    mv "$made" "$base"
}

# Process 1 of the bare system. It changes the root by pivot_root: in a chroot no user namespace can be made,
# and so no office as an ordinary user.
inside() {
    local root=$1
    shift
    mount --bind "$root" "$root"
    cd "$root"
    mount -t proc proc proc
    mount -t sysfs sysfs sys
    mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
    mount -t tmpfs -o mode=1777 tmpfs dev/shm
    mkdir -p dev/net
    [ -e dev/net/tun ] || mknod -m 666 dev/net/tun c 10 200
    pivot_root . mnt
    hash -r
    umount -l /mnt
    cd /root/practice-locator
    # What runs beside a script has Ctrl-C ignored, and would hand that on.
    env -i --default-signal=INT,QUIT HOME=/root LANG=C.UTF-8 TERM="${TERM-dumb}" \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

if [ "${1-}" = --inside ]; then
    shift
    inside "$@"
    exit
fi
if [[ ${1-} = -* ]]; then
    echo "usage: tests/bare/run.sh [COMMAND...]" >&2
    exit 2
fi
if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
    echo "tests/bare/run.sh needs root and the package debootstrap" >&2
    exit 2
fi
[ $# -gt 0 ] || set -- scripts/check
trap 'leave 2>/dev/null' EXIT
[ -d "$base" ] || make_base
run=$(mktemp -d /var/tmp/practice-bare.XXXXXX)
chmod 755 "$run"
cp -a --reflink=auto "$base/." "$run/"
cp -L /etc/resolv.conf "$run/etc/resolv.conf"
git clone --quiet --no-hardlinks "$checkout" "$run/root/practice-locator"
echo "bare Debian 12, commit $(git -C "$checkout" log -1 --format='%h, %s')"
unshare --mount --propagation private --pid --fork --kill-child "$BASH" "$0" --inside "$run" "$@" <&0 &
child=$!
code=0
wait "$child" || code=$?
child=
exit "$code"
