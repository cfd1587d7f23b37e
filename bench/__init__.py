"""Every promised figure against its floor: the same bytes or rows, moved with no logic.

`python -m bench` measures on a district of its own, on disk, over real HTTP on loopback, and prints
each figure beside its target; `docs/explanation/figures.md` keeps the last ones.
"""
