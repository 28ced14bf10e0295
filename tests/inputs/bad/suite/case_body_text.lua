-- expect: 2: found a string, expected use_case "ID" {
use_case "X" "t"
