#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# setup.sh SECTION...: installs what is missing of these sections of packages.txt. When nothing is, it says nothing and
# touches nothing. Elsewhere than on Debian it names the packages and goes on: CMake tells what it does not find.
set -eu
here=$(dirname "$0")

packages=$(for section in "$@"; do
    awk -v section="[$section]" '
        { sub(/#.*/, ""); gsub(/[ \t]/, "") }
        /^\[/ { is_wanted = $0 == section; is_found = is_found || is_wanted; next }
        is_wanted && NF
        END { exit !is_found }' "$here/packages.txt" || { echo "setup: no section [$section] in packages.txt" >&2; exit 2; }
done) || exit $?

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "setup: not a Debian system; needed are: $(echo $packages)" >&2
    exit 0
fi

missing=
for package in $packages; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || state=
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "setup: missing, and neither root nor sudo to install them:$missing" >&2; exit 1; }
    as_root=sudo
fi
echo "setup: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
     } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "setup: apt-get could not install:$missing" >&2
    exit 1
fi
