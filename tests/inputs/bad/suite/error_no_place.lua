-- expect: 2: found an error as the suite ran (no such board)
error("no such board", 0)
