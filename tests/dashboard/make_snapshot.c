/* SPDX-License-Identifier: GPL-3.0-or-later */
/* make_snapshot FILE SCENE [SECONDS]: writes the snapshot of a scene (see scenes.h); with SECONDS it goes on for so long, as a run
 * at real time would, then removes the file. Without, the file stays. */
#include "base/wall.h"
#include "tests/dashboard/scenes.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TURN_MS = 10 };

int main(int argc, char **argv) {
    const enum pb_scene scene = argc > 2 ? pb_scene_find(argv[2]) : PB_SCENE_COUNT;
    if (argc < 3 || argc > 4 || scene == PB_SCENE_COUNT) {
        fprintf(stderr, "usage: make_snapshot FILE SCENE [SECONDS]; scenes:");
        for (int i = 0; i < PB_SCENE_COUNT; i++) fprintf(stderr, " %s", pb_scene_name((enum pb_scene)i));
        fprintf(stderr, "\n");
        return 2;
    }
    static struct pb_snapshot_body body;
    struct pb_snapshot *snapshot;
    struct pb_error error;
    if (pb_snapshot_create(argv[1], &snapshot, &error) != PB_OK) {
        fprintf(stderr, "make_snapshot: %s\n", error.text);
        return 1;
    }
    pb_instant now = pb_wall_now();
    pb_scene_fill(scene, now.ns, &body);
    if (argc == 4 && body.pid == 0) body.pid = (int32_t)getpid();
    pb_snapshot_begin(snapshot);
    snapshot->body = body;
    pb_snapshot_end(snapshot);
    const pb_instant end = pb_after(now, pb_s(argc == 4 ? atoi(argv[3]) : 0));
    while (pb_is_before(now, end)) {
        poll(NULL, 0, TURN_MS);
        const pb_instant before = now;
        now = pb_wall_now();
        pb_snapshot_begin(snapshot);
        pb_scene_advance(&snapshot->body, pb_between(before, now).ns, now.ns);
        pb_snapshot_end(snapshot);
    }
    if (argc == 4) pb_snapshot_destroy(snapshot, argv[1]);
    return 0;
}
