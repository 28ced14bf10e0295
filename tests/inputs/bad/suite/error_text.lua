-- expect: 2: found an error as the suite ran (no such board), expected it to run to its end
error("no such board")
