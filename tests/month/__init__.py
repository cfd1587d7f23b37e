"""A scripted month of a district on a fake clock: what happens, minute by minute.

`script` says what people do and when the server hears of it, `living` lets the month pass with
several workers racing for each job, `chronicle` tells what came of it, and `expected.txt` is what
should.
Whoever adds a job names it in `living.LIVED`; whoever adds an event tells it in `chronicle`, gives
the script a deed that brings it about, and adds the lines to `expected.txt` by hand.
"""
