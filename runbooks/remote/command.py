"""A command on another machine, and the ways in which it can end."""

import shlex
from dataclasses import dataclass
from typing import Protocol

from runbooks.planning.target import Target

KEPT = 64 * 1024  # bytes kept of each output stream


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended: ``exit`` its status, or None with ``signal`` when one killed it (``KILL``: its time limit).

    ``truncated`` says that more came than was kept; both None means that the remote side was stopped for its flood.
    """

    exit: int | None
    signal: str | None
    stdout: bytes
    stderr: bytes
    truncated: bool
    seconds: float

    @property
    def ok(self) -> bool:
        return self.exit == 0

    @property
    def killed(self) -> bool:
        """Whether the time limit ended it (a shell in between reports 128 + 9)."""
        return self.signal == "KILL" or self.exit == 137


class NotStarted(Exception):
    """The command certainly did not run: it is safe to ask again.

    Codes: ``unreachable``, ``host_key``, ``known_hosts``, ``key`` (our own cannot be read), ``login``, ``sessions``; of a
    marked command also ``repeated`` (the host has seen this mark before) and ``no_record`` (the host can keep none).
    """

    def __init__(self, code: str, host: str, detail: str = "") -> None:
        super().__init__(f"{host}: {code} {detail}".rstrip())
        self.code = code
        self.host = host


class Lost(Exception):
    """The connection was lost or silent after the command was sent: it may have run, it may be running still."""

    def __init__(self, host: str, detail: str = "") -> None:
        super().__init__(f"{host}: lost {detail}".rstrip())
        self.code = "lost"
        self.host = host


class Remote(Protocol):
    """Runs one command; raises :class:`NotStarted` or :class:`Lost`."""

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
    ) -> Result: ...


# Written before and after a marked command, by the host itself (faults F15 to F17): ``start <when> <pid>``, ``end <when> <exit>``.
# The shell says nothing itself: to tell "Killed" to a connection that is gone would end it before the end is written.
# ``set -C`` makes the file once: a mark that is there already was sent before, and is not executed a second time.
# ``ZHIBAN_RUN`` stays with whatever the command leaves behind, so that it can be found when the command went wrong (fault F67).
RECORDER = """u=$(umask); umask 077; n=$1; shift; d=$HOME/.zhiban/runs
mkdir -p "$d/${n%%/*}" 2>/dev/null || d=/dev/shm/zhiban-$(id -u)
mkdir -p "$d/${n%%/*}" && (set -C; : > "$d/$n") 2>/dev/null || { echo "zhiban: $n" >&2; [ -e "$d/$n" ] && exit 97; exit 98; }
echo "start $(date +%s) $$" >> "$d/$n"; umask "$u"; exec 3>&2 2>/dev/null
(export ZHIBAN_RUN="$n"; exec "$@" 2>&3 3>&-); s=$?; echo "end $(date +%s) $s" >> "$d/$n"; exit $s"""
_NOT_EXECUTED = {97: "repeated", 98: "no_record"}  # the recorder's own exits, known by the line it says


def command_line(target: Target, argv: tuple[str, ...], limit: float, mark: str | None = None) -> str:
    """The line sent to the remote side: under ``timeout -s KILL``, every word quoted by ``shlex``, never by hand.

    Root becomes somebody by ``su -``, another account by ``sudo -n``. The limit stands inside: an outer ``timeout`` would not
    reach the session that ``su`` opens, nor be allowed to kill what ``sudo`` runs. A ``mark`` (``R17-1763820000/3.1``) puts
    the recorder around all of it.
    """
    line = ["timeout", "-s", "KILL", f"{limit:g}", *argv]
    if target.become is not None and target.become != target.user:
        by_su = ["su", "-", target.become, "-c", shlex.join(line)]
        line = by_su if target.user == "root" else ["sudo", "-n", "-u", target.become, *line]
    return shlex.join(["sh", "-c", RECORDER, "zhiban", mark, *line] if mark else line)


def not_executed(result: Result, mark: str | None) -> str | None:
    """Why the recorder did not let a marked command run: ``repeated``, ``no_record``, or None when it did."""
    own = (
        mark is not None
        and not result.stdout
        and result.stderr.decode("utf-8", "replace").endswith(f"zhiban: {mark}\n")
    )
    return _NOT_EXECUTED.get(result.exit or 0) if own else None
