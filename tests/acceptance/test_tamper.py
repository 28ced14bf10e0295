# SPDX-License-Identifier: GPL-3.0-or-later
"""verify finds each change of a single byte in a row, and names it."""
import random
import shutil
import struct

import bench
from bench import check

CHANGES = 10000 if bench.IS_SOAK else 1000
BATCH = 50
KEYS = {"header": "key", "log": "seq", "capture": "seq"}


def changed(value, dice):
    """The same value with one byte changed, and what it takes in SQL to store it."""
    if isinstance(value, int):
        data = bytearray(struct.pack("<q", value))
        data[dice.randrange(8)] ^= 1 << dice.randrange(8)
        return "?", struct.unpack("<q", data)[0]
    data = bytearray(value.encode() if isinstance(value, str) else value)
    if data:
        data[dice.randrange(len(data))] ^= dice.randrange(1, 256)
    else:
        data.append(dice.randrange(1, 256))
    return ("CAST(? AS TEXT)" if isinstance(value, str) else "?"), bytes(data)


def tamper(database, dice):
    """Changes one byte of a random column of a random row; what was changed, or None when SQLite would not have it."""
    table = dice.choices(list(KEYS), weights=[1, 8, 2])[0]
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    keys = [row[0] for row in database.execute(f"SELECT {KEYS[table]} FROM {table}")]
    key, column = dice.choice(keys), dice.choice(columns)
    value = database.execute(f"SELECT {column} FROM {table} WHERE {KEYS[table]} = ?", (key,)).fetchone()[0]
    how, new = changed(value, dice)
    try:
        database.execute(f"UPDATE {table} SET {column} = {how} WHERE {KEYS[table]} = ?", (new, key))
    except bench.sqlite3.IntegrityError:  # that key is there already
        return None
    return f"{table} {key}: {column}"


def copy_of(of, number=0):
    path = bench.FOLDER / f"changed-{number}.pbrun"
    shutil.copy(of.path, path)
    return path


def edit(path, statement):
    with bench.connect(path) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        return statement(database)


def check_found(path, what, codes=(bench.EXIT_FAIL,)):
    """codes: a change of the tables themselves may also be refused as no run file (2)."""
    done = bench.pilotbench("verify", path)
    said = (done.out + done.err).strip()
    named = said.split("CHANGED: ", 1)[-1] if done.code == bench.EXIT_FAIL else said.split("run file", 1)[-1]
    check(done.code in codes and 5 < len(named) < len(said),
          f"{what}: verify exits {done.code} and says {said!r}, expected {codes} and what is not as written")


def test_a_change_of_any_byte_of_any_row_is_found():
    dice = random.Random(20)
    runs = [bench.run(seed=1), bench.run(seed=2, dut=bench.dut("late", args=["--defect", "contactor_open_late"]))]
    made = 0
    while made < CHANGES:
        batch = {}
        while len(batch) < BATCH:
            path = copy_of(runs[len(batch) % 2], len(batch))
            what = edit(path, lambda database: tamper(database, dice))
            if what:
                batch[path] = what
        done = bench.pilotbench("verify", *batch)
        bench.check_equal(done.code, bench.EXIT_FAIL, f"exit status of verify of {BATCH} changed files ({done.err.strip()[-300:]})")
        lines = dict(line.split(": ", 1) for line in done.out.splitlines())
        for path, what in batch.items():
            said = lines.get(str(path), "")
            check(said.startswith("CHANGED: ") and len(said) > 15, f"{what} was changed: verify says {said!r}, expected what is not as written")
        made += BATCH


def test_a_changed_byte_is_exit_status_1_for_each_file_by_itself():
    dice = random.Random(21)
    of = bench.run(seed=3)
    for number in range(50):
        path = copy_of(of)
        what = edit(path, lambda database: tamper(database, dice))
        if what:
            check_found(path, f"change {number}, {what}")


def test_rows_that_are_taken_out_put_in_or_exchanged_are_found():
    of = bench.run(seed=1)
    for what, statement in {
            "a row in the middle is gone": "DELETE FROM log WHERE seq = 100",
            "the first row is gone": "DELETE FROM log WHERE seq = 1",
            "the close row is twice": "INSERT INTO log SELECT (SELECT max(seq) + 1 FROM log), at_ns, kind, case_no, step_no, check_no, "
                                      "name, a, b, c, d, text, hash FROM log ORDER BY seq DESC LIMIT 1",
            "a row is put in": "INSERT INTO log SELECT (SELECT max(seq) + 1 FROM log), at_ns, 'note', 0, 0, 0, '', 0, 0, 0, 0, '', hash "
                               "FROM log WHERE seq = 5",
            "a capture is gone": "DELETE FROM capture WHERE seq = (SELECT min(seq) FROM capture)",
            "a capture is put in": "INSERT INTO capture SELECT 1, first_index, count, samples, digest FROM capture LIMIT 1",
            "samples are exchanged": "UPDATE capture SET samples = (SELECT samples FROM capture ORDER BY seq DESC LIMIT 1) "
                                     "WHERE seq = (SELECT min(seq) FROM capture)",
            "a header line is gone": "DELETE FROM header WHERE key = 'seed'",
            "a header line is put in": "INSERT INTO header VALUES ('zz', '1')",
            "a verdict is another": "UPDATE log SET a = 3 WHERE kind = 'verdict' AND seq = (SELECT min(seq) FROM log WHERE kind = 'verdict')",
            "a number is text": "UPDATE log SET a = CAST(X'3178' AS TEXT) WHERE seq = 100",
    }.items():
        path = copy_of(of)
        edit(path, lambda database, text=statement: database.execute(text))
        check_found(path, what)


def test_changed_tables_are_found():
    of = bench.run(seed=1)
    for what, statement in {
            "a table is put in": "CREATE TABLE more(x)",
            "a table is gone": "DROP TABLE capture",
            "an index is gone": "DROP INDEX log_event",
            "a trigger is put in": "CREATE TRIGGER t AFTER INSERT ON log BEGIN SELECT 1; END",
            "a view is put in": "CREATE VIEW v AS SELECT * FROM log",
            "a column is put in": "ALTER TABLE log ADD COLUMN e INTEGER",
            "it calls itself of another version": "PRAGMA user_version = 2",
    }.items():
        path = copy_of(of)
        edit(path, lambda database, text=statement: database.execute(text))
        check_found(path, what, codes=(bench.EXIT_FAIL, bench.EXIT_INPUT))


def test_an_untouched_copy_is_as_written():
    path = copy_of(bench.run(seed=1))
    done = bench.pilotbench("verify", path)
    check(done.code == 0 and ", closed" in done.out, f"verify of a copy exits {done.code} and says {done.out!r}")


bench.main(globals())
