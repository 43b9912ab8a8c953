"""Sizes such as ``10G`` as bytes, and back."""

import re

_SIZE = re.compile(r"([1-9][0-9]{0,5})([KMGT])", re.ASCII)
_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def size(text: str) -> int | None:
    """Bytes of ``512M``, ``10G`` (powers of 1024, as LVM and df read them); None when it is no size."""
    match = _SIZE.fullmatch(text.upper())
    return int(match[1]) * _UNITS[match[2]] if match else None


def shown(amount: int) -> str:
    """``10G`` of a number of bytes."""
    unit = next((unit for unit, factor in reversed(_UNITS.items()) if amount >= factor), "K")
    return f"{amount // _UNITS[unit]}{unit}"
