-- expect: 4: found bytes in `text` that are no characters
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "a\xffb" },
}
