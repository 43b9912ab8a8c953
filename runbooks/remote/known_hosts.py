"""The file of pinned keys, read as OpenSSH reads it: a line that is none is left out, and does not cost the other hosts theirs.

A line with a marker (``@revoked``, ``@cert-authority``) that cannot be read is another matter: left out, a revoked key might be
taken for a good one. Then the whole file counts as unreadable.
"""

from dataclasses import dataclass
from pathlib import Path

import asyncssh


@dataclass(frozen=True, slots=True)
class Pinned:
    """``text``: the lines that count; ``odd``: the numbers of those that do not."""

    text: str
    odd: tuple[int, ...] = ()

    @property
    def known(self) -> asyncssh.SSHKnownHosts:
        return asyncssh.import_known_hosts(self.text)


def read(path: Path) -> Pinned:
    """The pinned keys. Raises ``OSError`` or ``ValueError`` where the file cannot be used at all."""
    return read_text(path.read_bytes().decode("utf-8-sig", "replace"))


def read_text(text: str) -> Pinned:
    """The same for the content of the file."""
    good: list[str] = []
    odd: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            asyncssh.import_known_hosts(line + "\n")
            _read_key(line)
        except ValueError:
            if line.lstrip().startswith("@"):
                raise ValueError(f"line {number} has a marker and cannot be read; mend it or take it out") from None
            odd.append(number)
        else:
            good.append(line)
    return Pinned("".join(f"{line}\n" for line in good), tuple(odd))


def _read_key(line: str) -> None:
    """Raises ``ValueError`` for a key that cannot be read: asyncssh passes over it in silence, a revoked one, too."""
    words = line.split(None, 3 if line.lstrip().startswith("@") else 2)
    key = " ".join(words[-2:])
    try:
        asyncssh.import_public_key(key)
    except asyncssh.KeyImportError:
        asyncssh.import_certificate(key)


def odd_lines(path: Path) -> tuple[int, ...]:
    """The numbers of the lines that are left out; none of a file that cannot be used at all, which is told elsewhere."""
    try:
        return read(path).odd
    except (OSError, ValueError):
        return ()
