-- expect: 4: found a string in any_order, expected step {...} or a list of steps
use_case "X" {
  title = "t",
  any_order { "1", "2" },
}
