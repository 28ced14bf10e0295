-- expect: 2: found a suite that runs on and on
::again:: goto again
