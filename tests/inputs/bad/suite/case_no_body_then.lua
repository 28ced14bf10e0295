-- expect: 3: found use_case "Y" before the body of "X", expected { ... }
local a = use_case "X"
use_case "Y" { title = "t" }
