#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pictures.sh [FOLDER]: pictures of the dashboard's scenes, sizes and themes into FOLDER/looks (default build/looks). Needs no display.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
looks=$build/looks
if [ ! -x "$build/pilotbench-dashboard" ] || [ ! -x "$build/tests/make_snapshot" ]; then
    echo "pictures: $build has no dashboard or no tests/make_snapshot (both need libsdl2-dev and libsdl2-ttf-dev)" >&2
    exit 1
fi
mkdir -p "$looks"
snap=$(mktemp)
trap 'rm -f "$snap"' EXIT

# picture SCENE SIZE THEME
picture() {
    "$build/tests/make_snapshot" "$snap" "$1"
    "$build/pilotbench-dashboard" --attach "$snap" --wait 0 --size "$2" --theme "$3" --picture "$looks/dashboard-$1-$2-$3.png"
    echo "$looks/dashboard-$1-$2-$3.png"
}
for theme in dark light; do
    for size in 800x480 1280x800 1920x1080 3840x2160; do picture charging "$size" "$theme"; done
    for scene in failing failed passed; do picture "$scene" 1280x800 "$theme"; done
done
for scene in connecting steady error stalled gone empty; do picture "$scene" 1280x800 dark; done
for scene in long non-latin full; do
    picture "$scene" 800x480 dark
    picture "$scene" 1280x800 light
done
picture failed 1080x1920 dark
picture failing 800x1000 light
