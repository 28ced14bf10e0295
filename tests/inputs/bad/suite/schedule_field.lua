-- expect: 2: found the unknown field 'leaves' in schedule, expected one of: connects, departs
schedule { connects = "08:05", leaves = "16:00" }
