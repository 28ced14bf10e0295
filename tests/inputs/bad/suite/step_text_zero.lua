-- expect: 4: found bytes in `text` that are no characters, expected printable UTF-8 of one line
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "a\0b" },
}
