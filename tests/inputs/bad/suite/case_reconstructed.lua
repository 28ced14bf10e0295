-- expect: 2: found a string for `reconstructed`, expected a boolean
use_case "X" { title = "t", reconstructed = "yes", step { id = "1", actor = customer, text = "t", evidence = "added" } }
