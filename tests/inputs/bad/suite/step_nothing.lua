-- expect: 2: found a no value, expected step { id
step()
