-- expect: 2: found use_case "X" without its body, expected {
local a = use_case "X"
