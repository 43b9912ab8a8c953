"""A command on another machine, and the ways in which it can end."""

import shlex
import signal
from dataclasses import dataclass
from typing import Protocol

from bot.core.redact import clean
from runbooks.planning.target import Target
from runbooks.remote.login import announced, anywhere, with_profile

KEPT = 64 * 1024  # bytes kept of each output stream
UNNAMED = 127  # more than any signal has
_HARMLESS = {  # POSIX: what does not end a program, unless it asks for it
    signal.SIGCHLD,
    signal.SIGCONT,
    signal.SIGSTOP,
    signal.SIGTSTP,
    signal.SIGTTIN,
    signal.SIGTTOU,
    signal.SIGURG,
    signal.SIGWINCH,
}
_DEADLY = frozenset(range(1, signal.SIGSYS + 1)) - _HARMLESS
"""The numbers of signals that end a program, without the real-time ones: so far up a status is rather the program's own."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended: ``exit`` its status, or None with ``signal`` when one killed it.

    ``truncated`` says that more came than was kept; both None means that the remote side was stopped for its flood.
    ``limit``: the seconds that it was given, None where nobody noted them. ``held``: it ended, and something that it started
    still holds its output; ``begun`` False: its beginning was to be marked and never was, so that what was said is the account's
    or of what stands around the command. ``encoding``: of what it says, UTF-8 where it is empty.
    """

    exit: int | None
    signal: str | None
    stdout: bytes
    stderr: bytes
    truncated: bool
    seconds: float
    limit: float | None = None
    held: bool = False
    begun: bool = True
    encoding: str = ""

    @property
    def ok(self) -> bool:
        return self.exit == 0

    def text(self, raw: bytes) -> str:
        """Some of its output for people to read."""
        return clean(raw, self.encoding)

    @property
    def killed(self) -> bool:
        """Whether the time limit ended it: by SIGKILL, and not before its time."""
        return self.by_signal == signal.SIGKILL and (self.limit is None or self.seconds >= self.limit)

    @property
    def by_signal(self) -> int:
        """The number of the signal that ended it (a shell in between reports 128 and the number); 0 where none did.

        ``UNNAMED`` where sshd has no name for it: RFC 4254 knows no SIGBUS and no SIGXFSZ.
        """
        if self.signal is not None:
            return int(getattr(signal, f"SIG{self.signal}", UNNAMED))
        return self.exit - 128 if self.exit is not None and self.exit - 128 in _DEADLY else 0


class NotStarted(Exception):
    """The command certainly did not run: it is safe to ask again.

    Codes: ``unreachable``, ``host_key``, ``known_hosts``, ``key`` (our own cannot be read), ``login``, ``sessions``,
    ``account`` (it takes commands and carries none out); of a marked command also ``repeated`` (the host has seen this mark
    before) and ``no_record`` (the host can keep none).
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


def command_line(target: Target, argv: tuple[str, ...], limit: float, mark: str | None = None, begin: str = "") -> str:
    """The line sent to the remote side: under ``timeout -s KILL``, every word quoted by ``shlex``, never by hand.

    Root becomes somebody by ``su -``, another account by ``sudo -n``. The limit stands inside: an outer ``timeout`` would not
    reach the session that ``su`` opens, nor be allowed to kill what ``sudo`` runs. A ``mark`` (``R17-1763820000/3.1``) puts
    the recorder around all of it. ``begin``: a line that tells the command's own output from what the account prints
    before it; only for accounts that are peculiar.
    """
    line = ["timeout", "-s", "KILL", f"{limit:g}", *argv]
    becomes = target.become is not None and target.become != target.user
    if becomes and target.become and target.user == "root":
        inner = shlex.join(line)
        line = ["su", "-", target.become, "-c", anywhere(announced(inner, begin)) if begin else inner]
    else:
        line = ["sudo", "-n", "-u", target.become, *line] if becomes and target.become else line
        line = ["sh", "-c", announced(shlex.join(line), begin)] if begin else line
    whole = shlex.join(["sh", "-c", RECORDER, "zhiban", mark, *line] if mark else line)
    if not begin:
        return whole
    return anywhere(with_profile(whole) if "profile" in target.account.login else whole)


def not_executed(result: Result, mark: str | None) -> str | None:
    """Why the recorder did not let a marked command run: ``repeated``, ``no_record``, or None when it did."""
    own = (
        mark is not None
        and not (result.stdout and result.begun)
        and result.stderr.decode("utf-8", "replace").endswith(f"zhiban: {mark}\n")
    )
    return _NOT_EXECUTED.get(result.exit or 0) if own else None
