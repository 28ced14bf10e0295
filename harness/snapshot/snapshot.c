/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sequence number is the whole protocol: odd while the writer is inside. A reader copies between two equal even numbers.
 * The file gets its name when it is whole and its blocks are on the disk: a reader never maps half a file, and a disk that
 * fills up later cannot hit the writer through its mapping. */
#include "harness/snapshot/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_TRIES = 8 };

/* A whole file under a name of its own; -1 and errno when it cannot be made. */
static int make_file(const char *path, struct pb_snapshot **ret_snapshot) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) return -1;
    int number = posix_fallocate(fd, 0, sizeof **ret_snapshot);
    void *mapped = MAP_FAILED;
    if (number == 0) {
        mapped = mmap(NULL, sizeof **ret_snapshot, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        number = errno;
    }
    close(fd);
    if (mapped == MAP_FAILED) {
        unlink(path);
        errno = number;
        return -1;
    }
    *ret_snapshot = mapped;
    return 0;
}

enum pb_status pb_snapshot_create(const char *path, struct pb_snapshot **ret_snapshot, struct pb_error *error) {
    struct pb_snapshot *snapshot;
    char *unfinished;
    if (asprintf(&unfinished, "%s.%ld", path, (long)getpid()) < 0)
        return pb_fail(error, PB_ERR_MEMORY, 0, path, "no memory");
    if (make_file(unfinished, &snapshot) != 0) {
        enum pb_status status = pb_fail(error, PB_ERR_IO, errno, path, "cannot be made (%s)", strerror(errno));
        free(unfinished);
        return status;
    }
    snapshot->magic = PB_SNAPSHOT_MAGIC;
    snapshot->version = PB_SNAPSHOT_VERSION;
    snapshot->size = sizeof *snapshot;
    enum pb_status status = PB_OK;
    if (rename(unfinished, path) != 0) {
        status = pb_fail(error, PB_ERR_IO, errno, path, "cannot be made (%s)", strerror(errno));
        unlink(unfinished);
        munmap(snapshot, sizeof *snapshot);
    } else *ret_snapshot = snapshot;
    free(unfinished);
    return status;
}

/* There is one writer, so its own number needs no atomic addition; the fence keeps what is written after it behind the odd number. */
void pb_snapshot_begin(struct pb_snapshot *snapshot) {
    uint32_t sequence = atomic_load_explicit(&snapshot->sequence, memory_order_relaxed);
    atomic_store_explicit(&snapshot->sequence, sequence + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
}

void pb_snapshot_end(struct pb_snapshot *snapshot) {
    uint32_t sequence = atomic_load_explicit(&snapshot->sequence, memory_order_relaxed);
    atomic_store_explicit(&snapshot->sequence, sequence + 1, memory_order_release);
}

void pb_snapshot_destroy(struct pb_snapshot *snapshot, const char *path) {
    if (!snapshot) return;
    munmap(snapshot, sizeof *snapshot);
    unlink(path);
}

struct head {
    uint32_t magic, version, size; /* as in struct pb_snapshot */
};

static enum pb_status check_head(const struct head *head, const char *path, struct pb_error *error) {
    if (head->magic != PB_SNAPSHOT_MAGIC)
        return pb_fail(error, PB_ERR_INPUT, 0, path,
                       "found a file of another kind, expected the snapshot of a run (RUN.snap)");
    if (head->version != PB_SNAPSHOT_VERSION || head->size != sizeof(struct pb_snapshot))
        return pb_fail(
            error, PB_ERR_UNSUPPORTED, 0, path,
            "found a snapshot of version %u with %u bytes, expected version %d with %zu (both programs from one build)",
            head->version, head->size, PB_SNAPSHOT_VERSION, sizeof(struct pb_snapshot));
    return PB_OK;
}

enum pb_status pb_snapshot_attach(const char *path, const struct pb_snapshot **ret_snapshot, struct pb_error *error) {
    const size_t size = sizeof(struct pb_snapshot);
    struct head head = {0};
    struct stat found = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return pb_fail(error, errno == ENOENT ? PB_ERR_NOT_FOUND : PB_ERR_IO, errno, path,
                       "no run shows itself here (%s)", strerror(errno));
    bool is_read = fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && pread(fd, &head, sizeof head, 0) == sizeof head;
    if (!is_read) head.magic = 0;
    enum pb_status status = check_head(&head, path, error);
    if (status == PB_OK && found.st_size != (off_t)size)
        status =
            pb_fail(error, PB_ERR_INPUT, 0, path, "found %lld bytes, expected %zu", (long long)found.st_size, size);
    if (status == PB_OK) {
        void *mapped = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
        if (mapped == MAP_FAILED)
            status = pb_fail(error, PB_ERR_IO, errno, path, "cannot be mapped (%s)", strerror(errno));
        else *ret_snapshot = mapped;
    }
    close(fd);
    return status;
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

#define END(text) ((text)[sizeof(text) - 1] = 0)

static int32_t clamped(int32_t value, int32_t min, int32_t max) {
    return value < min ? min : value > max ? max : value;
}

void pb_snapshot_make_sane(struct pb_snapshot_body *body) {
    END(body->run), END(body->dut), END(body->bench), END(body->case_id), END(body->case_title), END(body->version);
    END(body->waiting_for);
    for (int i = 0; i < PB_SNAPSHOT_CASES; i++) END(body->case_ids[i]);
    body->step_count = clamped(body->step_count, 0, PB_SNAPSHOT_STEPS);
    body->check_count = clamped(body->check_count, 0, PB_SNAPSHOT_CHECKS);
    body->current_step = clamped(body->current_step, -1, body->step_count - 1);
    if (body->trace_count > PB_SNAPSHOT_TRACE) body->trace_count = PB_SNAPSHOT_TRACE;
    body->trace_start %= PB_SNAPSHOT_TRACE;
    if (body->trace_period_num_ns < 1 || body->trace_period_den < 1 || body->trace_uv_den < 1) body->trace_count = 0;
    for (int i = 0; i < 6; i++)
        if (body->windows[i].min_uv > body->windows[i].max_uv) body->windows[i].max_uv = body->windows[i].min_uv;
    for (int i = 0; i < PB_SNAPSHOT_EVENTS; i++) END(body->events[i].name), END(body->events[i].text);
    for (int i = 0; i < PB_SNAPSHOT_STEPS; i++)
        END(body->steps[i].id), END(body->steps[i].actor), END(body->steps[i].text);
    for (int i = 0; i < PB_SNAPSHOT_CHECKS; i++) {
        struct pb_snapshot_check *check = &body->checks[i];
        END(check->id), END(check->text), END(check->value), END(check->limit), END(check->reason);
        check->step = clamped(check->step, -1, body->step_count - 1);
    }
}
