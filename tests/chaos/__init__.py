"""Real processes killed at random while they work, and the proof that nothing was lost.

`python -m tests.chaos` runs the server as an operator does, phones with stores on disk, an office
that changes its mind, and a line between them that is cut at any byte; `make chaos` calls it.
"""
