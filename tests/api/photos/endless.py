"""A child that sets its bounds and then computes for ever."""

from __future__ import annotations

import resource
import sys

cpu_s = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
while True:
    pass
