"""A small world from one seed: phones, bad networks, wrong clocks, crashes, an office.

The network, the clocks and the machines that die are stand-ins; the handhelds, their stores, the
application and its database are the real ones. A seed replays exactly.
`python -m tests.world --seeds 10000` lives through many; `--seed 7` tells one of them.
"""
