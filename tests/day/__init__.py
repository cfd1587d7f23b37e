"""A rehearsed working day: real handheld stores in processes of their own against a real server.

`conductor` moves the day's clock in steps and plays the office; `phone` is one handheld with the
person who carries it; `proof` compares afterwards what every phone made with what the server has.
"""
