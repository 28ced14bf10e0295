-- expect: 2: found a change of pilot.level, expected a table of your own
pilot.level = nil
