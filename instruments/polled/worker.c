/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared between the two threads: the ring (one writer, one reader), a few atomics, and the command slot under the mutex.
 * Completeness: readings are dated in the middle of their transaction. busy_since holds the begin of the one that runs (or of the first of a row that
 * failed), so that a poll which sees "idle" knows that whatever comes later begins later than the `now` it was given. For that, busy_since is set
 * before the clock is read, first to the end of the last one. */
#include "instruments/polled/worker.h"

#include "base/wall.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { RING = 1 << 12, MAX_GROUP = 64 };
#define IDLE INT64_MAX

enum command_state { COMMAND_NONE, COMMAND_POSTED, COMMAND_RUNNING, COMMAND_DONE };
struct command {
    enum command_state state;
    unsigned channel;
    int64_t value;
    enum pb_status status;
    struct pb_error error;
};

struct pb_worker {
    struct pb_worker_setup setup;
    /* The worker's thread alone. */
    bool is_connected, has_untold;
    pb_instant told_at;
    unsigned failures, attempts;
    pb_instant retry_at, last_end;
    pb_instant due[MAX_GROUP];    /* of groups */
    int64_t commanded[MAX_GROUP]; /* of outputs */
    /* The engine's thread alone. */
    pb_instant complete_to;
    bool has_told_overrun;
    /* Between them. */
    struct pb_seen ring[RING];
    _Atomic size_t head, tail; /* written, read */
    _Atomic bool has_overrun, is_signalled, is_dead;
    _Atomic int64_t busy_since; /* wall clock */
    int event;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t to_worker, to_caller;
    bool is_stopping;
    struct command command;
    struct pb_error death; /* once is_dead */
};

static bool is_output(const struct pb_worker *worker, size_t channel) {
    return worker->setup.profile->channels[channel].access & PB_ACCESS_DRIVE;
}

static struct timespec timespec_of(pb_instant at) {
    return (struct timespec){.tv_sec = at.ns / 1000000000, .tv_nsec = at.ns % 1000000000};
}

/* ---- handing over ---- */

static void signal_engine(struct pb_worker *worker) {
    uint64_t one = 1;
    if (!atomic_exchange(&worker->is_signalled, true)) (void)!write(worker->event, &one, sizeof one);
}

/* Readings that follow one another without a pause are told at most once a millisecond, so that a fast device does not wake the engine 20,000 times a
 * second; what is not told yet is told before the thread waits, and at a failure. */
static void signal_readings(struct pb_worker *worker, pb_instant now) {
    worker->has_untold = pb_is_shorter(pb_between(worker->told_at, now), pb_ms(1));
    if (worker->has_untold) return;
    worker->told_at = now;
    signal_engine(worker);
}
static void signal_rest(struct pb_worker *worker) {
    if (worker->has_untold) signal_engine(worker);
    worker->has_untold = false;
}

static void push(struct pb_worker *worker, const struct pb_seen *seen) {
    size_t head = atomic_load_explicit(&worker->head, memory_order_relaxed);
    if (head - atomic_load_explicit(&worker->tail, memory_order_acquire) == RING) {
        atomic_store(&worker->has_overrun, true);
        return;
    }
    worker->ring[head % RING] = *seen;
    atomic_store_explicit(&worker->head, head + 1, memory_order_release);
}

static void push_group(struct pb_worker *worker, size_t group, const int64_t *values, pb_instant from, pb_instant to) {
    int64_t half_ns = pb_between(from, to).ns / 2;
    for (size_t i = 0; i < worker->setup.groups[group].count; i++) {
        unsigned channel = worker->setup.groups[group].channels[i];
        const struct pb_profile_row *row = pb_profile_row(worker->setup.profile, channel);
        struct pb_seen seen = {.channel = channel,
                               .at = {pb_between(worker->setup.wall_zero, pb_after(from, pb_ns(half_ns))).ns},
                               .value = values[i],
                               .u_ns = half_ns + 1 + row->refresh_ns};
        push(worker, &seen);
    }
}

/* ---- turns ---- */

static pb_instant begin(struct pb_worker *worker) {
    bool is_fresh = atomic_load_explicit(&worker->busy_since, memory_order_relaxed) == IDLE;
    if (is_fresh) atomic_store(&worker->busy_since, worker->last_end.ns);
    pb_instant from = pb_wall_now();
    if (is_fresh) atomic_store(&worker->busy_since, from.ns);
    return from;
}

static void end_well(struct pb_worker *worker, pb_instant at) {
    worker->last_end = at;
    worker->failures = worker->attempts = 0;
    atomic_store(&worker->busy_since, IDLE);
}

static void die(struct pb_worker *worker, enum pb_status status, const struct pb_error *why) {
    if (atomic_load(&worker->is_dead)) return;
    bool is_silence = status == PB_ERR_TIMEOUT || status == PB_ERR_IO;
    pthread_mutex_lock(&worker->mutex);
    (void)pb_fail(&worker->death, is_silence ? PB_ERR_GONE : status, why->vendor_code, worker->setup.where, "%s%s",
                  why->text, worker->attempts ? "; it did not come back" : "");
    pthread_mutex_unlock(&worker->mutex);
    atomic_store(&worker->is_dead, true);
    signal_engine(worker);
}

static bool says_no(enum pb_status status) {
    return status == PB_ERR_UNSUPPORTED || status == PB_ERR_NOT_FOUND || status == PB_ERR_RANGE ||
           status == PB_ERR_BUSY;
}

/* What a failure of a reading or of connecting brings on. */
static void take_failure(struct pb_worker *worker, enum pb_status status, const struct pb_error *why) {
    pb_instant now = pb_wall_now();
    signal_rest(worker);
    if (worker->is_connected && says_no(status)) {
        if (++worker->failures >= worker->setup.tries) die(worker, status, why);
        else worker->retry_at = pb_after(now, worker->setup.retry);
        return;
    }
    worker->setup.ops->disconnect(worker->setup.device);
    worker->is_connected = false;
    if (status == PB_ERR_CHANGED || worker->attempts++ >= worker->setup.tries) die(worker, status, why);
    else worker->retry_at = worker->attempts == 1 ? now : pb_after(now, worker->setup.retry);
}

/* An output that may have fallen while nobody looked is not what the record says it is. */
static enum pb_status check_outputs(struct pb_worker *worker, struct pb_error *error) {
    for (unsigned i = 0; i < worker->setup.profile->count; i++) {
        int64_t value;
        if (!is_output(worker, i)) continue;
        const char *name = worker->setup.profile->channels[i].name;
        enum pb_status status = worker->setup.ops->read_back(worker->setup.device, i, &value, error);
        if (status == PB_ERR_UNSUPPORTED)
            return pb_fail(error, PB_ERR_CHANGED, 0, worker->setup.where,
                           "came back, but output %s cannot be asked what it has now", name);
        if (status != PB_OK) return status;
        if (value != worker->commanded[i])
            return pb_fail(error, PB_ERR_CHANGED, 0, worker->setup.where,
                           "came back, but output %s has %lld instead of %lld", name, (long long)value,
                           (long long)worker->commanded[i]);
    }
    return PB_OK;
}

static void turn_connect(struct pb_worker *worker) {
    struct pb_error error;
    (void)begin(worker);
    enum pb_status status = worker->setup.ops->connect(worker->setup.device, &error);
    if (status == PB_OK) status = check_outputs(worker, &error);
    worker->is_connected = status == PB_OK;
    if (status != PB_OK) take_failure(worker, status, &error);
    else if (!worker->setup.group_count) end_well(worker, pb_wall_now());
}

static enum pb_status read_group(struct pb_worker *worker, size_t group, struct pb_error *error) {
    int64_t values[MAX_GROUP];
    pb_instant from = begin(worker);
    enum pb_status status = worker->setup.ops->read(worker->setup.device, group, values, error);
    if (status != PB_OK) return status;
    pb_instant to = pb_wall_now();
    push_group(worker, group, values, from, to);
    end_well(worker, to);
    signal_readings(worker, to);
    /* From the time it was due, so that periods do not add up delays; what was missed is not made up for. */
    pb_instant next = pb_after(worker->due[group], worker->setup.groups[group].period);
    worker->due[group] = pb_later(next, from);
    return PB_OK;
}

static enum pb_status write_output(struct pb_worker *worker, unsigned channel, int64_t value, struct pb_error *error);

/* ---- the thread ---- */

static void run_command(struct pb_worker *worker) {
    struct command *command = &worker->command;
    command->state = COMMAND_RUNNING;
    unsigned channel = command->channel;
    int64_t value = command->value;
    pthread_mutex_unlock(&worker->mutex);
    struct pb_error error;
    enum pb_status status = PB_OK;
    if (!worker->is_connected && atomic_load(&worker->is_dead)) {
        /* Nobody tries any more, but somebody may be making safe. */
        status = worker->setup.ops->connect(worker->setup.device, &error);
        worker->is_connected = status == PB_OK;
        if (status != PB_OK) worker->setup.ops->disconnect(worker->setup.device);
    } else if (!worker->is_connected) {
        status = pb_fail(&error, PB_ERR_GONE, 0, worker->setup.where, "the link is down, and is being opened again");
    }
    if (worker->is_connected) {
        status = write_output(worker, channel, value, &error);
        if (status != PB_OK && !says_no(status) && status != PB_ERR_CHANGED) take_failure(worker, status, &error);
    }
    pthread_mutex_lock(&worker->mutex);
    command->status = status;
    if (status != PB_OK) command->error = error;
    command->state = COMMAND_DONE;
    pthread_cond_signal(&worker->to_caller);
}

/* The next group, and when it is due; the link's turn comes first. */
static pb_instant next_turn(const struct pb_worker *worker, size_t *ret_group) {
    pb_instant next = PB_INSTANT_NEVER;
    *ret_group = 0;
    if (atomic_load(&worker->is_dead)) return next;
    if (!worker->is_connected) return worker->retry_at;
    for (size_t i = 0; i < worker->setup.group_count; i++) {
        if (!pb_is_before(worker->due[i], next)) continue;
        next = worker->due[i];
        *ret_group = i;
    }
    return worker->failures ? pb_later(next, worker->retry_at) : next;
}

static void take_turn(struct pb_worker *worker, size_t group) {
    struct pb_error error;
    if (!worker->is_connected) {
        turn_connect(worker);
        return;
    }
    enum pb_status status = read_group(worker, group, &error);
    if (status != PB_OK) take_failure(worker, status, &error);
}

static void await(struct pb_worker *worker, pb_instant until) {
    struct timespec end = timespec_of(until);
    signal_rest(worker);
    if (until.ns == PB_INSTANT_NEVER.ns) pthread_cond_wait(&worker->to_worker, &worker->mutex);
    else pthread_cond_timedwait(&worker->to_worker, &worker->mutex, &end);
}

static void *run(void *user) {
    struct pb_worker *worker = user;
    pthread_mutex_lock(&worker->mutex);
    while (!worker->is_stopping) {
        size_t group;
        if (worker->command.state == COMMAND_POSTED) {
            run_command(worker);
            continue;
        }
        pb_instant next = next_turn(worker, &group);
        if (pb_is_before(pb_wall_now(), next)) {
            await(worker, next);
            continue;
        }
        pthread_mutex_unlock(&worker->mutex);
        take_turn(worker, group);
        pthread_mutex_lock(&worker->mutex);
    }
    pthread_mutex_unlock(&worker->mutex);
    return NULL;
}

/* ---- outputs ---- */

/* Nobody else wakes the thread for less than the end: the wait is the settling. */
static void let_settle(struct pb_worker *worker, pb_span settle) {
    pb_instant end = pb_after(pb_wall_now(), settle);
    pthread_mutex_lock(&worker->mutex);
    while (!worker->is_stopping && pb_is_before(pb_wall_now(), end)) await(worker, end);
    pthread_mutex_unlock(&worker->mutex);
}

static enum pb_status write_output(struct pb_worker *worker, unsigned channel, int64_t value, struct pb_error *error) {
    const struct pb_profile_row *row = pb_profile_row(worker->setup.profile, channel);
    int64_t has;
    enum pb_status status = worker->setup.ops->write(worker->setup.device, channel, value, error);
    if (status != PB_OK) return status;
    worker->commanded[channel] = value;
    if (row->settle_ns) let_settle(worker, pb_ns(row->settle_ns));
    status = worker->setup.ops->read_back(worker->setup.device, channel, &has, error);
    if (status == PB_ERR_UNSUPPORTED) return PB_OK;
    if (status != PB_OK) return status;
    if (has == value) return PB_OK;
    return pb_fail(error, PB_ERR_CHANGED, 0, worker->setup.where, "output %s was told %lld and has %lld",
                   row->channel.name, (long long)value, (long long)has);
}

/* Every output, whatever one says; the first mistake is told. */
static enum pb_status make_safe(struct pb_worker *worker, struct pb_error *error) {
    enum pb_status worst = PB_OK;
    for (unsigned i = 0; i < worker->setup.profile->count; i++) {
        struct pb_error own;
        const struct pb_channel *channel = &worker->setup.profile->channels[i];
        if (!is_output(worker, i)) continue;
        enum pb_status status = channel->is_kept_when_safe
                                    ? worker->setup.ops->read_back(worker->setup.device, i, &worker->commanded[i], &own)
                                    : write_output(worker, i, channel->safe, &own);
        if (channel->is_kept_when_safe && status == PB_ERR_UNSUPPORTED) status = PB_OK;
        if (status == PB_OK || worst != PB_OK) continue;
        worst = status;
        *error = own;
    }
    return worst;
}

static enum pb_status check_settable(const struct pb_worker *worker, unsigned channel, int64_t value,
                                     struct pb_error *error) {
    const struct pb_profile *profile = worker->setup.profile;
    if (channel >= profile->count || !is_output(worker, channel))
        return pb_fail(error, PB_ERR_RANGE, 0, worker->setup.where, "channel %u is no output", channel);
    const struct pb_channel *row = &profile->channels[channel];
    if (value >= row->min && value <= row->max) return PB_OK;
    return pb_fail(error, PB_ERR_RANGE, 0, worker->setup.where, "%lld is outside of what %s takes (%lld to %lld)",
                   (long long)value, row->name, (long long)row->min, (long long)row->max);
}

/* The mutex is held. */
static enum pb_status await_command(struct pb_worker *worker, pb_instant deadline, struct pb_error *error) {
    struct command *command = &worker->command;
    struct timespec end = timespec_of(deadline);
    int rc = 0;
    while (command->state != COMMAND_DONE && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&worker->to_caller, &worker->mutex, &end);
    if (command->state == COMMAND_DONE) {
        command->state = COMMAND_NONE;
        if (command->status != PB_OK) *error = command->error;
        return command->status;
    }
    if (command->state == COMMAND_POSTED) {
        command->state = COMMAND_NONE;
        return pb_fail(error, PB_ERR_TIMEOUT, 0, worker->setup.where,
                       "the device was busy for too long; the command was not sent");
    }
    return pb_fail(error, PB_ERR_TIMEOUT, 0, worker->setup.where,
                   "the command has not ended in time; it may still be obeyed");
}

enum pb_status pb_worker_set(struct pb_worker *worker, unsigned channel, int64_t value, struct pb_error *error) {
    enum pb_status status = check_settable(worker, channel, value, error);
    if (status != PB_OK) return status;
    const struct pb_profile_row *row = pb_profile_row(worker->setup.profile, channel);
    /* A reading, the command, reading it back; a connection in the way. */
    int64_t most_ns = pb_add_saturating(pb_mul_saturating(4, worker->setup.transaction.ns),
                                        pb_add_saturating(row->settle_ns, 1000000000));
    pb_instant deadline = pb_after(pb_wall_now(), pb_ns(most_ns));
    pthread_mutex_lock(&worker->mutex);
    if (worker->command.state == COMMAND_RUNNING) {
        status = pb_fail(error, PB_ERR_BUSY, 0, worker->setup.where, "an earlier command has not ended yet");
    } else {
        worker->command = (struct command){.state = COMMAND_POSTED, .channel = channel, .value = value};
        pthread_cond_signal(&worker->to_worker);
        status = await_command(worker, deadline, error);
    }
    pthread_mutex_unlock(&worker->mutex);
    return status;
}

/* ---- the engine's side ---- */

int pb_worker_descriptor(const struct pb_worker *worker) { return worker->event; }
pb_span pb_worker_lag(const struct pb_worker *worker) {
    pb_span one = pb_span_sum(worker->setup.transaction, worker->setup.retry);
    return pb_ns(pb_mul_saturating(one.ns, 2 * ((int64_t)worker->setup.tries + 1)));
}

static void drain(struct pb_worker *worker) {
    size_t tail = atomic_load_explicit(&worker->tail, memory_order_relaxed);
    size_t head = atomic_load_explicit(&worker->head, memory_order_acquire);
    for (; tail != head; tail++) worker->setup.sink.event(worker->setup.sink.user, &worker->ring[tail % RING]);
    atomic_store_explicit(&worker->tail, tail, memory_order_release);
}

enum pb_status pb_worker_poll(struct pb_worker *worker, pb_instant now, struct pb_error *error) {
    uint64_t signals;
    int64_t busy_since = atomic_load(&worker->busy_since);
    if (read(worker->event, &signals, sizeof signals) == sizeof signals) atomic_store(&worker->is_signalled, false);
    drain(worker);
    if (atomic_load(&worker->has_overrun) && !worker->has_told_overrun) {
        worker->has_told_overrun = true;
        return pb_fail(error, PB_ERR_OVERRUN, 0, worker->setup.where,
                       "readings were lost: nobody took more than %d of them", RING);
    }
    if (busy_since != IDLE)
        now = pb_earlier(now, (pb_instant){pb_between(worker->setup.wall_zero, (pb_instant){busy_since}).ns});
    if (pb_is_before(worker->complete_to, now)) {
        worker->complete_to = now;
        worker->setup.sink.complete(worker->setup.sink.user, now);
    }
    if (!atomic_load(&worker->is_dead)) return PB_OK;
    signal_engine(worker); /* stays readable: there is this to tell */
    *error = worker->death;
    return error->status;
}

/* ---- start and end ---- */

static void init_shared(struct pb_worker *worker) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&worker->mutex, NULL);
    pthread_cond_init(&worker->to_worker, &monotonic);
    pthread_cond_init(&worker->to_caller, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

enum pb_status pb_worker_start(const struct pb_worker_setup *setup, struct pb_worker **ret_worker,
                               struct pb_error *error) {
    struct pb_worker *worker = calloc(1, sizeof *worker);
    if (!worker) return pb_fail(error, PB_ERR_MEMORY, 0, setup->where, "out of memory");
    worker->setup = *setup;
    worker->complete_to = (pb_instant){INT64_MIN};
    worker->busy_since = IDLE;
    worker->last_end = pb_wall_now();
    init_shared(worker);
    worker->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum pb_status status =
        worker->event < 0 ? pb_fail(error, PB_ERR_IO, errno, setup->where, "eventfd: %s", strerror(errno)) : PB_OK;
    if (status == PB_OK) status = setup->ops->connect(setup->device, error);
    worker->is_connected = status == PB_OK;
    if (status == PB_OK) status = make_safe(worker, error);
    for (size_t i = 0; status == PB_OK && i < setup->group_count; i++) {
        worker->due[i] = pb_wall_now();
        status = read_group(worker, i, error);
    }
    if (status == PB_OK) {
        int rc = pthread_create(&worker->thread, NULL, run, worker);
        worker->has_thread = rc == 0;
        if (rc) status = pb_fail(error, PB_ERR_IO, rc, setup->where, "no thread: %s", strerror(rc));
    }
    if (status != PB_OK) {
        pb_worker_stop(worker);
        return status;
    }
    *ret_worker = worker;
    return PB_OK;
}

void pb_worker_stop(struct pb_worker *worker) {
    struct pb_error ignored;
    if (!worker) return;
    pthread_mutex_lock(&worker->mutex);
    worker->is_stopping = true;
    pthread_cond_signal(&worker->to_worker);
    pthread_mutex_unlock(&worker->mutex);
    if (worker->has_thread) pthread_join(worker->thread, NULL);
    if (worker->has_thread && !worker->is_connected)
        worker->is_connected = worker->setup.ops->connect(worker->setup.device, &ignored) == PB_OK;
    if (worker->is_connected) (void)!make_safe(worker, &ignored);
    worker->setup.ops->disconnect(worker->setup.device);
    if (worker->event >= 0) close(worker->event);
    pthread_cond_destroy(&worker->to_caller);
    pthread_cond_destroy(&worker->to_worker);
    pthread_mutex_destroy(&worker->mutex);
    free(worker);
}
