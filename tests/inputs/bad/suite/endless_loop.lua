-- expect: 2: found a suite that runs on and on, expected it to end within 20 million instructions and 10 s
while true do end
