#!/bin/sh
# SPDX-License-Identifier: MIT
# corpus_is_current.sh MAKE_CORPUS FOLDER: fails when the committed corpus is not what make_corpus writes today, since
# messages of an old format would all be refused at once and test nothing. Further files may stand in the folder.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$1" "$made"
differences=$(diff -rq "$made" "$2" | grep -v "^Only in $2" || true)
[ -z "$differences" ] && exit 0
echo "$differences"
echo "to renew: $1 $2"
exit 1
