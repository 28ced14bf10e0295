-- expect: 2: found an error as the suite ran (a?[2Jb?c
error("a\27[2Jb\nc")
