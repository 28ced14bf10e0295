-- expect: 2: found a change of ixit.power_up, expected a table of your own
ixit.power_up = s(99)
