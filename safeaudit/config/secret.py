"""Bytes that nobody shall read by accident: in a repr, a message, a log, a notebook's output."""

from __future__ import annotations


class Secret(bytes):
    """Bytes that show themselves to whoever computes with them, and to nobody who prints them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<hidden>" if self else "<none>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)
