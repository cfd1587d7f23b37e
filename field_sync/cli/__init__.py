"""`field-sync`: the handheld at a prompt, in clear words, in English or Chinese.

Exit codes: 0 done; 1 refused, the sentence says what to do; 2 the command was not understood;
3 no signal, everything is kept; 4 signed out or revoked.
"""

from __future__ import annotations

from field_sync.cli import chart, crew, device, findings, meter, promise, reason
from field_sync.cli.program import program

for command in (
    *device.COMMANDS,
    *crew.COMMANDS,
    *promise.COMMANDS,
    *reason.COMMANDS,
    *meter.COMMANDS,
    *findings.COMMANDS,
    *chart.COMMANDS,
):
    program.add_command(command)

main = program
"""The entry point."""
