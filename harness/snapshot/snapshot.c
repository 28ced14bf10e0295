/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sequence number is the whole protocol: odd while the writer is inside. A reader copies between two equal even numbers. */
#include "harness/snapshot/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_TRIES = 8 };

enum pb_status pb_snapshot_create(const char *path, struct pb_snapshot **ret_snapshot, struct pb_error *error) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return pb_fail(error, PB_ERR_IO, errno, path, "cannot be made (%s)", strerror(errno));
    struct pb_snapshot *snapshot = MAP_FAILED;
    if (ftruncate(fd, sizeof *snapshot) == 0) snapshot = mmap(NULL, sizeof *snapshot, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int vendor_code = errno;
    close(fd);
    if (snapshot == MAP_FAILED) {
        unlink(path);
        return pb_fail(error, PB_ERR_IO, vendor_code, path, "cannot be mapped (%s)", strerror(vendor_code));
    }
    snapshot->version = PB_SNAPSHOT_VERSION;
    snapshot->size = sizeof *snapshot;
    atomic_thread_fence(memory_order_release);
    snapshot->magic = PB_SNAPSHOT_MAGIC;
    *ret_snapshot = snapshot;
    return PB_OK;
}

void pb_snapshot_begin(struct pb_snapshot *snapshot) {
    atomic_fetch_add_explicit(&snapshot->sequence, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
}

void pb_snapshot_end(struct pb_snapshot *snapshot) { atomic_fetch_add_explicit(&snapshot->sequence, 1, memory_order_release); }

void pb_snapshot_destroy(struct pb_snapshot *snapshot, const char *path) {
    if (!snapshot) return;
    munmap(snapshot, sizeof *snapshot);
    unlink(path);
}

enum pb_status pb_snapshot_attach(const char *path, const struct pb_snapshot **ret_snapshot, struct pb_error *error) {
    struct stat found;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return pb_fail(error, PB_ERR_NOT_FOUND, errno, path, "no run shows itself here (%s)", strerror(errno));
    bool is_whole = fstat(fd, &found) == 0 && found.st_size >= (off_t)sizeof(struct pb_snapshot);
    const struct pb_snapshot *snapshot = is_whole ? mmap(NULL, sizeof *snapshot, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    close(fd);
    if (snapshot == MAP_FAILED) return pb_fail(error, PB_ERR_UNSUPPORTED, 0, path, "is no snapshot of this version");
    if (snapshot->magic != PB_SNAPSHOT_MAGIC || snapshot->version != PB_SNAPSHOT_VERSION || snapshot->size != sizeof *snapshot) {
        pb_snapshot_detach(snapshot);
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, path, "is no snapshot of this version");
    }
    *ret_snapshot = snapshot;
    return PB_OK;
}

void pb_snapshot_detach(const struct pb_snapshot *snapshot) {
    if (snapshot) munmap((void *)(uintptr_t)snapshot, sizeof *snapshot);
}

bool pb_snapshot_copy(const struct pb_snapshot *snapshot, struct pb_snapshot_body *ret_body) {
    for (int i = 0; i < COPY_TRIES; i++) {
        uint32_t before = atomic_load_explicit(&snapshot->sequence, memory_order_acquire);
        if (before & 1) continue;
        memcpy(ret_body, &snapshot->body, sizeof *ret_body);
        atomic_thread_fence(memory_order_acquire);
        if (atomic_load_explicit(&snapshot->sequence, memory_order_relaxed) == before) return true;
    }
    return false;
}
