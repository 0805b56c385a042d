#!/bin/sh
# SPDX-License-Identifier: MIT
# proto_is_pure.sh ARCHIVE: fails when proto/ calls anything but memory and string functions and libsodium, and of
# libsodium what draws random numbers or allocates. For an unhardened build without sanitizers.
set -eu
archive=$1
libc='mem(cpy|move|set|cmp|chr)|str(len|n?cmp|n?len|chr|spn|cspn)'
compiler='__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_'
sodium='(sodium|crypto)_[a-z0-9_]+'
impure='crypto_.*_(keypair|keygen|random)|sodium_(init|malloc|allocarray|free|m(un)?lock|mprotect_.*)'

undefined=$(nm -u -P "$archive" | awk 'NF > 1 {print $1}' | sort -u)
own=$(nm -g -P "$archive" | awk 'NF > 1 && $2 != "U" {print $1}' | sort -u)
[ -n "$own" ] || { echo "$archive: defines nothing, so nothing was checked"; exit 1; }

offenders=$(echo "$undefined" | grep -vxF "$own" | {
    grep -vxE "$libc|$compiler|$sodium" || true
    echo "$undefined" | grep -xE "$impure" || true
})
[ -z "$offenders" ] && exit 0
echo "proto/ must not use:"
echo "$offenders"
exit 1
