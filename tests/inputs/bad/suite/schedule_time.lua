-- expect: 2: found clock time '8:05', expected HH:MM
schedule { connects = "8:05", departs = "16:00" }
