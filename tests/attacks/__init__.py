"""Hostile projects, by what of them is hostile: each makes a folder that a command is then let loose on.

What each must lead to is the same: an end in words (exit 0, 1 or 2), soon, in little memory, with nothing left behind
and nobody asked on the network. `test_attacks.py` tries those that are quick, `bench/faults/inputs.py` all of them.
"""

from __future__ import annotations

from attacks import layers, rows, settings, tables
from attacks.project import Attack

ATTACKS: tuple[Attack, ...] = (*settings.ATTACKS, *rows.ATTACKS, *tables.ATTACKS, *layers.ATTACKS)

__all__ = ["ATTACKS", "Attack"]
