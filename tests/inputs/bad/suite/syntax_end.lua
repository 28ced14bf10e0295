-- expect: 3: found a syntax error (unfinished string near <eof>), expected Lua
local a = 1
use_case "X