"""Probe: sequential calls on a kept connection. ``python probe_calls.py PORT SUBJECT``."""

import sys

from meter import repeated, tell, without_pybase64
from subjects import SUBJECTS

TIMES = {"execute": 600, "get": 600, "list": 30}

if __name__ == "__main__":
    without_pybase64()
    figures: dict[str, float] = {}
    for name, call in SUBJECTS[sys.argv[2]](int(sys.argv[1])).items():
        repeated(figures, name, TIMES[name], call)
    tell(figures)
