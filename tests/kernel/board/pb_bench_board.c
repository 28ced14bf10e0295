/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A board that is not there, for the machine of vm.py: the kernel's comedi with all its buffers and locks, and behind it a control pilot instead of
 * converters. (comedi_test streams fixed waves that nothing can change while it runs, and shows its outputs only to single reads.)
 *
 * Two ends, a subdevice each, so that two programs can hold their own:
 *   bench: 0 analogue in (line 0 the pilot, 1 the middle), streams; 2 digital out; 3 digital in, the partner's outputs
 *   partner (plays the device under test): 1 analogue out (line 0 pilot's high level, 1 low level, 2 duty: full scale is always high);
 *   4 digital out; 5 digital in, the bench's outputs
 * +-15 V, 16 bit; the PWM has 1 kHz and begins with its high phase when the duty is set. Samples are due by the kernel's clock and come in bursts
 * of a tick, as comedi_test's do; a change is in the first sample after it. slow_ppm: the board's periods are longer than it says. */
#include <linux/comedi/comedidev.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/timer.h>

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Pilotbench: a simulated board with a control pilot");

static int slow_ppm;
module_param(slow_ppm, int, 0444);
MODULE_PARM_DESC(slow_ppm, "how much longer than told the periods are");

enum { AI, AO, DO_BENCH, DI_BENCH, DO_PARTNER, DI_PARTNER, SUBDEVICES };
enum { HIGH, LOW, DUTY, LEVELS };
enum { FULL_SCALE = 65535, MIDDLE = 32768, PWM_NS = 1000000, MIN_SCAN_NS = 1000, LINES = 16 };

static const struct comedi_lrange range = {1, {RANGE(-15, 15)}};

struct board {
    struct comedi_device *dev;
    spinlock_t lock; /* levels, since, and what the timer counts */
    unsigned short levels[LEVELS];
    u64 since_ns; /* phase 0 of the PWM */
    struct timer_list timer;
    bool is_running;
    u64 start_ns, scans; /* taken */
};

static unsigned short pilot_at(const struct board *board, u64 at_ns) {
    u64 phase_ns;
    if (board->levels[DUTY] == FULL_SCALE || at_ns < board->since_ns) return board->levels[HIGH];
    div64_u64_rem(at_ns - board->since_ns, PWM_NS, &phase_ns);
    return phase_ns * FULL_SCALE < (u64)board->levels[DUTY] * PWM_NS ? board->levels[HIGH] : board->levels[LOW];
}

static u64 scans_due(const struct board *board, const struct comedi_cmd *cmd, u64 now_ns) {
    u64 due = div64_u64((now_ns - board->start_ns) * 1000, cmd->scan_begin_arg);
    return div64_u64(due * 1000, 1000000 + slow_ppm);
}

/* Takes the scans that are due, with the levels as they are: called before every change. */
static void take(struct board *board, struct comedi_subdevice *s, u64 now_ns) {
    const struct comedi_cmd *cmd = &s->async->cmd;
    u64 due = scans_due(board, cmd, now_ns);
    if (cmd->stop_src == TRIG_COUNT && due > cmd->stop_arg) due = cmd->stop_arg;
    for (; board->scans < due && board->is_running; board->scans++) {
        u64 at_ns =
            board->start_ns + div64_u64((board->scans + 1) * cmd->scan_begin_arg * (1000000 + slow_ppm), 1000000);
        unsigned short pilot = pilot_at(board, at_ns), middle = MIDDLE;
        for (unsigned int k = 0; k < cmd->chanlist_len; k++)
            if (!comedi_buf_write_samples(s, CR_CHAN(cmd->chanlist[k]) == 0 ? &pilot : &middle, 1)) {
                s->async->events |= COMEDI_CB_OVERFLOW;
                board->is_running = false;
            }
    }
    if (cmd->stop_src == TRIG_COUNT && board->scans >= cmd->stop_arg) s->async->events |= COMEDI_CB_EOA;
}

static void tick(struct timer_list *timer) {
    struct board *board = from_timer(board, timer, timer);
    struct comedi_subdevice *s = &board->dev->subdevices[AI];
    spin_lock_bh(&board->lock);
    if (board->is_running) take(board, s, ktime_get_ns());
    if (board->is_running) mod_timer(&board->timer, jiffies + 1);
    spin_unlock_bh(&board->lock);
    comedi_handle_events(board->dev, s);
}

static int ai_test(struct comedi_device *dev, struct comedi_subdevice *s, struct comedi_cmd *cmd) {
    int err = comedi_check_trigger_src(&cmd->start_src, TRIG_NOW);
    err |= comedi_check_trigger_src(&cmd->scan_begin_src, TRIG_TIMER);
    err |= comedi_check_trigger_src(&cmd->convert_src, TRIG_NOW);
    err |= comedi_check_trigger_src(&cmd->scan_end_src, TRIG_COUNT);
    err |= comedi_check_trigger_src(&cmd->stop_src, TRIG_COUNT | TRIG_NONE);
    if (err) return 1;
    if (comedi_check_trigger_is_unique(cmd->stop_src)) return 2;
    err |= comedi_check_trigger_arg_is(&cmd->start_arg, 0);
    err |= comedi_check_trigger_arg_min(&cmd->scan_begin_arg, MIN_SCAN_NS);
    err |= comedi_check_trigger_arg_is(&cmd->convert_arg, 0);
    err |= comedi_check_trigger_arg_is(&cmd->scan_end_arg, cmd->chanlist_len);
    if (cmd->stop_src == TRIG_NONE) err |= comedi_check_trigger_arg_is(&cmd->stop_arg, 0);
    return err ? 3 : 0;
}

static int ai_command(struct comedi_device *dev, struct comedi_subdevice *s) {
    struct board *board = dev->private;
    spin_lock_bh(&board->lock);
    board->start_ns = ktime_get_ns();
    board->scans = 0;
    board->is_running = true;
    mod_timer(&board->timer, jiffies + 1);
    spin_unlock_bh(&board->lock);
    return 0;
}

/* Also from the timer itself, when it tells of an overflow: hence no waiting for it. */
static int ai_cancel(struct comedi_device *dev, struct comedi_subdevice *s) {
    struct board *board = dev->private;
    spin_lock_bh(&board->lock);
    board->is_running = false;
    spin_unlock_bh(&board->lock);
    del_timer(&board->timer);
    return 0;
}

static int ai_read(struct comedi_device *dev, struct comedi_subdevice *s, struct comedi_insn *insn,
                   unsigned int *data) {
    struct board *board = dev->private;
    spin_lock_bh(&board->lock);
    for (unsigned int i = 0; i < insn->n; i++)
        data[i] = CR_CHAN(insn->chanspec) == 0 ? pilot_at(board, ktime_get_ns()) : MIDDLE;
    spin_unlock_bh(&board->lock);
    return insn->n;
}

static int ao_write(struct comedi_device *dev, struct comedi_subdevice *s, struct comedi_insn *insn,
                    unsigned int *data) {
    struct board *board = dev->private;
    unsigned int line = CR_CHAN(insn->chanspec);
    spin_lock_bh(&board->lock);
    if (board->is_running) take(board, &dev->subdevices[AI], ktime_get_ns());
    for (unsigned int i = 0; i < insn->n; i++) board->levels[line] = data[i];
    if (line == DUTY) board->since_ns = ktime_get_ns();
    spin_unlock_bh(&board->lock);
    return insn->n;
}

static int ao_read(struct comedi_device *dev, struct comedi_subdevice *s, struct comedi_insn *insn,
                   unsigned int *data) {
    struct board *board = dev->private;
    for (unsigned int i = 0; i < insn->n; i++) data[i] = board->levels[CR_CHAN(insn->chanspec)];
    return insn->n;
}

static int do_bits(struct comedi_device *dev, struct comedi_subdevice *s, struct comedi_insn *insn,
                   unsigned int *data) {
    comedi_dio_update_state(s, data);
    data[1] = s->state;
    return insn->n;
}

/* An input shows the other end's outputs. */
static int di_bits(struct comedi_device *dev, struct comedi_subdevice *s, struct comedi_insn *insn,
                   unsigned int *data) {
    data[1] = dev->subdevices[s->index == DI_BENCH ? DO_PARTNER : DO_BENCH].state;
    return insn->n;
}

static void describe(struct comedi_subdevice *s, int type, int flags, int lines, unsigned int maxdata) {
    s->type = type;
    s->subdev_flags = flags;
    s->n_chan = lines;
    s->maxdata = maxdata;
    s->range_table = maxdata == FULL_SCALE ? &range : &range_digital;
}

static int attach(struct comedi_device *dev, struct comedi_devconfig *it) {
    struct board *board = comedi_alloc_devpriv(dev, sizeof *board);
    int err = board ? comedi_alloc_subdevices(dev, SUBDEVICES) : -ENOMEM;
    if (err) return err;
    board->dev = dev;
    board->levels[HIGH] = board->levels[LOW] = MIDDLE;
    board->levels[DUTY] = FULL_SCALE;
    spin_lock_init(&board->lock);
    timer_setup(&board->timer, tick, 0);
    dev->board_name = "pb_bench_board";

    struct comedi_subdevice *s = dev->subdevices;
    describe(&s[AI], COMEDI_SUBD_AI, SDF_READABLE | SDF_GROUND | SDF_CMD_READ, 2, FULL_SCALE);
    s[AI].len_chanlist = 2;
    s[AI].insn_read = ai_read;
    s[AI].do_cmdtest = ai_test;
    s[AI].do_cmd = ai_command;
    s[AI].cancel = ai_cancel;
    dev->read_subdev = &s[AI];
    describe(&s[AO], COMEDI_SUBD_AO, SDF_WRITABLE | SDF_GROUND, LEVELS, FULL_SCALE);
    s[AO].insn_write = ao_write;
    s[AO].insn_read = ao_read;
    describe(&s[DO_BENCH], COMEDI_SUBD_DO, SDF_WRITABLE, LINES, 1);
    describe(&s[DI_BENCH], COMEDI_SUBD_DI, SDF_READABLE, LINES, 1);
    describe(&s[DO_PARTNER], COMEDI_SUBD_DO, SDF_WRITABLE, LINES, 1);
    describe(&s[DI_PARTNER], COMEDI_SUBD_DI, SDF_READABLE, LINES, 1);
    s[DO_BENCH].insn_bits = s[DO_PARTNER].insn_bits = do_bits;
    s[DI_BENCH].insn_bits = s[DI_PARTNER].insn_bits = di_bits;
    return 0;
}

static void detach(struct comedi_device *dev) {
    struct board *board = dev->private;
    if (board) del_timer_sync(&board->timer);
}

static struct comedi_driver pb_bench_board = {
    .driver_name = "pb_bench_board",
    .module = THIS_MODULE,
    .attach = attach,
    .detach = detach,
};
module_comedi_driver(pb_bench_board);
