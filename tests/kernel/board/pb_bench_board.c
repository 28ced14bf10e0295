/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A board that is not there, for the machine of vm.py: the kernel's comedi with all its buffers and locks, and behind it a control pilot instead of
 * converters. (comedi_test streams fixed waves that nothing can change while it runs, and shows its outputs only to single reads.)
 *
 * Two ends, a subdevice each, so that two programs can hold their own:
 *   bench: 0 analogue in (line 0 the pilot, 1 the counter's pulses, 2 the PWM's: +-12 V), streams; 2 digital out; 3 digital in, the
 *   partner's outputs; 6 a counter that makes pulses, in steps of 100 ns, and 7 a PWM
 *   partner (plays the device under test): 1 analogue out (line 0 pilot's high level, 1 low level, 2 duty: full scale is always high);
 *   4 digital out; 5 digital in, the bench's outputs
 * +-15 V, 16 bit; the PWM has 1 kHz and begins with its high phase when the duty is set. Samples are due by the kernel's clock and come in bursts
 * of a tick, as comedi_test's do; a change is in the first sample after it. slow_ppm: the board's periods are longer than it says, from the next
 * command on. */
#include <linux/comedi/comedidev.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/timer.h>

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Pilotbench: a simulated board with a control pilot");

static int slow_ppm;
module_param(slow_ppm, int, 0644);
MODULE_PARM_DESC(slow_ppm, "how much longer than told the periods are");

enum { AI, AO, DO_BENCH, DI_BENCH, DO_PARTNER, DI_PARTNER, COUNTER, PWM, SUBDEVICES };
enum { HIGH, LOW, DUTY, LEVELS };
enum { FULL_SCALE = 65535, MIDDLE = 32768, PWM_NS = 1000000, MIN_SCAN_NS = 1000, LINES = 16 };
enum { PLUS_12_V = 58981, MINUS_12_V = 6554, STEP_NS = 100, PWM_SCALE = 1000, AI_LINES = 3 };

static const struct comedi_lrange range = {1, {RANGE(-15, 15)}};

/* High for high_ns of every period_ns, from since_ns on. */
struct pulses {
    u64 since_ns;
    u32 high_ns, period_ns; /* period 0: none */
};

struct board {
    struct comedi_device *dev;
    spinlock_t lock; /* levels, since, and what the timer counts */
    unsigned short levels[LEVELS];
    u64 since_ns; /* phase 0 of the pilot's PWM */
    struct pulses counter, pwm;
    unsigned int pwm_code;
    bool is_armed;
    u32 slow_ppm;
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

static unsigned short pulses_at(const struct pulses *pulses, u64 at_ns) {
    u64 phase_ns;
    if (pulses->period_ns == 0 || at_ns < pulses->since_ns) return MIDDLE;
    div64_u64_rem(at_ns - pulses->since_ns, pulses->period_ns, &phase_ns);
    return phase_ns < pulses->high_ns ? PLUS_12_V : MINUS_12_V;
}

static unsigned short line_at(const struct board *board, unsigned int line, u64 at_ns) {
    return line == 0 ? pilot_at(board, at_ns) : pulses_at(line == 1 ? &board->counter : &board->pwm, at_ns);
}

static u64 scans_due(const struct board *board, const struct comedi_cmd *cmd, u64 now_ns) {
    u64 due = div64_u64((now_ns - board->start_ns) * 1000, cmd->scan_begin_arg);
    return div64_u64(due * 1000, 1000000 + board->slow_ppm);
}

/* Takes the scans that are due, with the levels as they are: called before every change. */
static void take(struct board *board, struct comedi_subdevice *s, u64 now_ns) {
    const struct comedi_cmd *cmd = &s->async->cmd;
    u64 due = scans_due(board, cmd, now_ns);
    if (cmd->stop_src == TRIG_COUNT && due > cmd->stop_arg) due = cmd->stop_arg;
    for (; board->scans < due && board->is_running; board->scans++) {
        u64 since_ns = (board->scans + 1) * cmd->scan_begin_arg;
        u64 at_ns = board->start_ns + div64_u64(since_ns * (1000000 + board->slow_ppm), 1000000);
        for (unsigned int k = 0; k < cmd->chanlist_len; k++) {
            unsigned short code = line_at(board, CR_CHAN(cmd->chanlist[k]), at_ns);
            if (comedi_buf_write_samples(s, &code, 1)) continue;
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
    board->slow_ppm = slow_ppm;
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
    for (unsigned int i = 0; i < insn->n; i++) data[i] = line_at(board, CR_CHAN(insn->chanspec), ktime_get_ns());
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

/* Before every change: what was taken until now saw the old state. */
static void change(struct comedi_device *dev, struct pulses *pulses, u32 high_ns, u32 period_ns) {
    struct board *board = dev->private;
    spin_lock_bh(&board->lock);
    if (board->is_running) take(board, &dev->subdevices[AI], ktime_get_ns());
    *pulses = (struct pulses){ktime_get_ns(), high_ns, period_ns};
    spin_unlock_bh(&board->lock);
}

static int counter_config(struct comedi_device *dev, struct comedi_subdevice *s, struct comedi_insn *insn,
                          unsigned int *data) {
    struct board *board = dev->private;
    unsigned int high_ns, low_ns;
    if (data[0] != INSN_CONFIG_PWM_OUTPUT) return -EINVAL;
    high_ns = DIV_ROUND_CLOSEST(data[2], STEP_NS) * STEP_NS;
    low_ns = DIV_ROUND_CLOSEST(data[4], STEP_NS) * STEP_NS;
    if (high_ns + low_ns == 0) return -EINVAL;
    if (high_ns != data[2] || low_ns != data[4]) {
        data[2] = high_ns;
        data[4] = low_ns;
        return -EAGAIN;
    }
    change(dev, &board->counter, high_ns, high_ns + low_ns);
    return insn->n;
}

static void pwm_follow(struct comedi_device *dev, u32 period_ns) {
    struct board *board = dev->private;
    change(dev, &board->pwm, board->is_armed ? div64_u64((u64)period_ns * board->pwm_code, PWM_SCALE) : 0, period_ns);
}

static int pwm_config(struct comedi_device *dev, struct comedi_subdevice *s, struct comedi_insn *insn,
                      unsigned int *data) {
    struct board *board = dev->private;
    if (data[0] != INSN_CONFIG_PWM_SET_PERIOD && data[0] != INSN_CONFIG_ARM) return -EINVAL;
    if (data[0] == INSN_CONFIG_ARM) board->is_armed = true;
    pwm_follow(dev, data[0] == INSN_CONFIG_ARM ? board->pwm.period_ns : data[1]);
    return insn->n;
}

static int pwm_write(struct comedi_device *dev, struct comedi_subdevice *s, struct comedi_insn *insn,
                     unsigned int *data) {
    struct board *board = dev->private;
    if (insn->n) board->pwm_code = data[insn->n - 1];
    pwm_follow(dev, board->pwm.period_ns);
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
    describe(&s[AI], COMEDI_SUBD_AI, SDF_READABLE | SDF_GROUND | SDF_CMD_READ, AI_LINES, FULL_SCALE);
    s[AI].len_chanlist = AI_LINES;
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
    describe(&s[COUNTER], COMEDI_SUBD_COUNTER, SDF_WRITABLE, 1, 0xffffff);
    s[COUNTER].insn_config = counter_config;
    describe(&s[PWM], COMEDI_SUBD_PWM, SDF_WRITABLE, 1, PWM_SCALE);
    s[PWM].insn_config = pwm_config;
    s[PWM].insn_write = pwm_write;
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
