"""`lamplighter`: what an operator does with a server, from the first start to a restored backup."""

from api.cli import (
    custody,
    founding,
    handing,
    inviting,
    jobs,
    keeping,
    policies,
    receiving,
    sweeping,
    watching,
)
from api.cli.program import main

__all__ = [
    "custody",
    "founding",
    "handing",
    "inviting",
    "jobs",
    "keeping",
    "main",
    "policies",
    "receiving",
    "sweeping",
    "watching",
]
