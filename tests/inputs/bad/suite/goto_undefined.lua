-- expect: 3: found a syntax error (no visible label 'x' for <goto> at line 2), expected Lua
goto x
