"""Which workers of before a reload are still there, and how many connections they have to a node. Reads only."""

import re
from dataclasses import dataclass

from bot.core.errors import UserError
from runbooks.engine.connections import established
from runbooks.engine.nginx_addresses import canonical
from runbooks.planning.outcome import Left
from runbooks.planning.target import Target
from runbooks.remote.command import Remote
from runbooks.remote.files import CONF_LIMIT, LOOK_SECONDS

_WORKER = "nginx: worker process"
_ENDING = f"{_WORKER} is shutting down"
_CLOCKS = 5.0  # seconds by which two clocks may differ over what has passed
_ETIME = re.compile(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)", re.ASCII)  # [[days-]hours:]minutes:seconds


@dataclass(frozen=True, slots=True)
class OldWorker:
    """A worker that serves the configuration of before; ``ending``: it takes no new connection any more, and says so."""

    pid: str
    ending: bool


async def old_workers(remote: Remote, target: Target, pids: frozenset[str], age: float) -> tuple[OldWorker, ...]:
    """Those of ``pids`` that are still workers of before, by their own titles, whatever has become of their master.

    ``age``: the seconds since the reload; a worker that is younger and not ending has only the number of an old one. Raises
    ``NotStarted``, ``Lost``, and ``UserError`` ``cannot_read`` where the host does not say: nobody is gone because of that.
    """
    if not pids:
        return ()
    argv = ("ps", "-ww", "-o", "pid=,etime=,args=", "-p", ",".join(sorted(pids, key=int)))
    result = await remote.run(target, argv, limit=LOOK_SECONDS, kept=CONF_LIMIT)
    none = result.exit == 1 and not result.stdout.strip() and not result.stderr.strip()
    if result.truncated or not (result.ok or none):
        raise UserError("cannot_read", host=target.id, command=" ".join(argv))
    rows = (line.split(None, 2) for line in result.stdout.decode("utf-8", "replace").splitlines())
    return tuple(
        OldWorker(row[0], row[2].startswith(_ENDING))
        for row in rows
        if len(row) == 3 and row[0] in pids and _serves_the_old(row[1], row[2], age)
    )


def _serves_the_old(etime: str, title: str, age: float) -> bool:
    if not title.startswith(_WORKER):
        return False
    return title.startswith(_ENDING) or _seconds(etime) >= age - _CLOCKS


def _seconds(etime: str) -> float:
    """How long a process has run; one that does not say is taken for old."""
    match = _ETIME.fullmatch(etime)
    if match is None:
        return float("inf")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


async def left_of(remote: Remote, target: Target, pids: frozenset[str], node: str, age: float) -> Left:
    """What is left of before the reload ``age`` seconds ago; connections are counted where anything is left at all.

    Raises as ``old_workers`` does.
    """
    old = await old_workers(remote, target, pids, age)
    if not old:
        return Left(0, 0)
    result = await remote.run(target, ("netstat", "-nat"), limit=LOOK_SECONDS, kept=CONF_LIMIT)
    if not result.ok or result.truncated:
        return Left(len(old))
    return Left(len(old), established(result.stdout.decode("ascii", "replace"))[canonical(node)])
