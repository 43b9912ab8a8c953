"""The process table of one machine, and the ``ps`` and ``pgrep`` that read it."""

import re
from dataclasses import dataclass, replace
from itertools import count

from bot.demo.call import Call

_STARTED = "08:02"


@dataclass(frozen=True, slots=True)
class Process:
    """One row of ``ps -ef``."""

    pid: int
    ppid: int
    user: str
    args: str

    @property
    def name(self) -> str:
        """What ``pgrep`` without ``-f`` matches: the program's name."""
        return self.args.split()[0].rsplit("/", 1)[-1].rstrip(":")


class Processes:
    """What runs on the machine; every new process gets a higher pid."""

    def __init__(self) -> None:
        self._next = count(2117, 7)
        self._rows: dict[int, Process] = {}
        self._add(Process(1, 0, "root", "/usr/lib/systemd/systemd --switched-root --system"))
        self.spawn("/usr/sbin/sshd -D", "root")

    def _add(self, process: Process) -> Process:
        self._rows[process.pid] = process
        return process

    def spawn(self, args: str, user: str, ppid: int = 1) -> Process:
        return self._add(Process(next(self._next), ppid, user, args))

    def rename(self, process: Process, args: str) -> None:
        """As a program does that rewrites its title."""
        self._rows[process.pid] = replace(process, args=args)

    def end(self, process: Process) -> None:
        """The process is gone; once more changes nothing."""
        self._rows.pop(process.pid, None)

    def rows(self) -> list[Process]:
        return list(self._rows.values())

    async def ps(self, call: Call) -> int:
        """``ps -ef``, ``ps -eo pid,ppid,args``, ``ps -C NAME -o args=``, ``ps -ww -o args= -p N`` and ``ps -o pid= --ppid N``."""
        options = [arg for arg in call.args if arg != "-ww"]  # its lines are as wide as they are
        rows = self.rows()
        if "-C" in options:
            at = options.index("-C")
            rows = [row for row in rows if row.name in options[at + 1].split(",")]
            del options[at : at + 2]
        if "--ppid" in options:
            at = options.index("--ppid")
            rows = [row for row in rows if str(row.ppid) == options[at + 1]]
            del options[at : at + 2]
        if "-p" in options:
            at = options.index("-p")
            rows = [row for row in rows if str(row.pid) in options[at + 1].split(",")]
            del options[at : at + 2]
        match options:
            case ["-ef" | "-e" | "aux"]:
                columns = ["user", "pid", "ppid", "stime", "args"]
            case ["-eo" | "-o", chosen] | ["-e", "-o", chosen]:
                columns = chosen.split(",")
            case _:
                call.complain("ps: this simulated machine knows -ef, -eo COLUMNS and --ppid N")
                return 2
        if not all(column.endswith("=") for column in columns):
            call.say(" ".join(column.rstrip("=").upper() for column in columns))
        for row in rows:
            call.say(" ".join(_column(row, column.rstrip("=")) for column in columns))
        return 0 if rows else 1

    async def pgrep(self, call: Call) -> int:
        """``pgrep [-f] [-x] [-a] [-P PPID] [PATTERN]``: pids, one a line; exit 1 when there is none."""
        options = [arg for arg in call.args if arg != "-ww"]  # its lines are as wide as they are
        rows = self.rows()
        if "-P" in options:
            at = options.index("-P")
            rows = [row for row in rows if str(row.ppid) == options[at + 1]]
            del options[at : at + 2]
        flags = {option for option in options if option.startswith("-")}
        for pattern in [option for option in options if not option.startswith("-")]:
            search = re.fullmatch if "-x" in flags else re.search
            rows = [row for row in rows if search(pattern, row.args if "-f" in flags else row.name)]
        for row in rows:
            call.say(f"{row.pid} {row.args}" if "-a" in flags else str(row.pid))
        return 0 if rows else 1


def _column(row: Process, column: str) -> str:
    match column:
        case "pid":
            return f"{row.pid:>7}"
        case "ppid":
            return f"{row.ppid:>7}"
        case "user":
            return f"{row.user:<8}"
        case "stime":
            return _STARTED
        case "lstart":
            return f"Sun Nov  1 {_STARTED}:14 2026"
        case "etime":
            return "   1-02:03:04"
        case _:
            return row.args
