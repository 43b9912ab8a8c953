"""What the host itself remembers of a run: what changes something is marked; after a crash the marks are read back.

The record lies on the host as ``~/.zhiban/runs/R17-1763820000/3.1`` (third step, first command of it); the recorder of
:mod:`runbooks.remote.command` writes it (faults F15 to F17).
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core.redact import clean
from runbooks.planning.target import Target
from runbooks.remote.command import KEPT, Remote, Result

_READ_LIMIT = 10.0
# Whether it is alive is asked before its record is read: one that ends in between is then found with its end.
READER = """for d in "$HOME/.zhiban/runs" "/dev/shm/zhiban-$(id -u)"; do for f in "$d/$1/$2".*; do
[ -e "$f" ] || continue; a=; p=$(sed -n 's/^start [0-9]* //p' "$f")
[ -n "$p" ] && grep -qs "$1" "/proc/$p/cmdline" && a=alive
echo "mark ${f##*/}"; cat "$f"; [ -z "$a" ] || echo alive; done; done
grep -slF "ZHIBAN_RUN=$1/$2." /proc/[0-9]*/environ | while read -r e; do p=${e#/proc/}; p=${p%/environ}
c=$(tr '\\0\\n' '  ' 2>/dev/null < "/proc/$p/cmdline") && [ -n "$c" ] && echo "left $p $c"; done; echo read"""
_LEFT = re.compile(r"left ([0-9]+ .+)", re.ASCII)
_MARK = re.compile(r"mark [0-9]+\.([0-9]+)", re.ASCII)
_END = re.compile(r"end [0-9]+ ([0-9]+)", re.ASCII)


class Ending(StrEnum):
    """What the host knows of a step: nothing of it began, a command of it runs still, all that began ended, one was cut."""

    NOT_BEGUN = "not_begun"
    RUNNING = "running"
    ENDED = "ended"
    CUT = "cut"
    UNREAD = "unread"  # the host could not be asked


@dataclass(frozen=True, slots=True)
class Remembered:
    """``commands``: how many of the step's commands ended; ``exit``: the status of the last of them.

    ``left``: processes that they started and that are still there, as ``1234 sleep 777``. What became another user by ``su``
    or ``sudo`` has an environment of its own and is not found.
    """

    ending: Ending
    commands: int = 0
    exit: int | None = None
    left: tuple[str, ...] = ()


class Journal:
    """A remote that marks every command that changes something. ``place``: the step under way."""

    def __init__(self, remote: Remote, run: str) -> None:
        self._remote = remote
        self._run = run
        self._place = 0
        self._count = 0

    def begin(self, place: int) -> None:
        self._place, self._count = place, 0

    async def run(
        self,
        target: Target,
        argv: tuple[str, ...],
        *,
        limit: float = 30.0,
        stdin: bytes = b"",
        kept: int = KEPT,
        stop_flood: bool = True,
        mark: str | None = None,
    ) -> Result:
        """A command that must be left to finish is one that changes something (``stop_flood`` False)."""
        if not stop_flood and mark is None:
            self._count += 1
            mark = f"{self._run}/{self._place}.{self._count}"
        return await self._remote.run(
            target, argv, limit=limit, stdin=stdin, kept=kept, stop_flood=stop_flood, mark=mark
        )


async def remembered(remote: Remote, target: Target, run: str, place: int) -> Remembered | None:
    """What the host's record says of one step; None when it cannot be read. Raises ``NotStarted`` or ``Lost``."""
    signed_in = replace(target, become=None)  # the recorder runs as the account, whomever the command becomes
    result = await remote.run(signed_in, ("sh", "-c", READER, "zhiban", run, str(place)), limit=_READ_LIMIT)
    lines = clean(result.stdout).splitlines()
    if not result.ok or not lines or lines[-1] != "read":
        return None
    return parse(lines[:-1])


def parse(lines: list[str]) -> Remembered:
    """The record's lines of one step."""
    ends: dict[int, int | None] = {}
    number = 0
    alive = False
    for line in lines:
        if mark := _MARK.fullmatch(line):
            number = int(mark[1])
            ends[number] = None
        elif end := _END.fullmatch(line):
            ends[number] = int(end[1])
        alive = alive or line == "alive"
    left = tuple(found[1].strip() for line in lines if (found := _LEFT.fullmatch(line)))
    if not ends:
        return Remembered(Ending.NOT_BEGUN, left=left)
    if None in ends.values():
        ended = sum(e is not None for e in ends.values())
        return Remembered(Ending.RUNNING if alive else Ending.CUT, ended, left=left)
    return Remembered(Ending.ENDED, len(ends), ends[max(ends)], left)
