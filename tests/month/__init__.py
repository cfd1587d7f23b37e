"""A scripted month of a district on a fake clock: what happens, minute by minute.

`repairs`, `customers`, `requests` and `cases` say what people do and when the server hears of it,
`script` makes a month of them, `living` lets it pass with several workers racing for each job,
`chronicle` tells what came of it, and `expected.txt` is what should.
Whoever adds a job says in `waits` when it may find something; whoever adds an event tells it in
`chronicle`, gives a story a deed that brings it about, and adds the lines to `expected.txt`.
What it proves, and how to read it, is told in `docs/explanation/a-month.md`.
"""
