"""A scratch host: nothing real; it notes every command, keeps a small file tree, and answers as it was told.

It is a machine of the demo (interpreter, file tree, SSH side) with a table of scripted answers in place of its programs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bot.demo import filetools, foldertools
from bot.demo.call import Call, Tool
from bot.demo.shell import Shell
from bot.demo.tree import Tree

_RELOADS = "/.nginx-reloads"  # how often the nginx of this host was reloaded
_TOOLS: Mapping[str, Tool] = {**filetools.TOOLS, **foldertools.TOOLS}


@dataclass(frozen=True, slots=True)
class Said:
    """What a command prints, and how it ends."""

    out: str = ""
    err: str = ""
    exit: int = 0


@dataclass(slots=True)
class Answer:
    """What is said to commands that begin with ``argv``, on ``host`` or (empty) on any: in order, the last one stands."""

    host: str
    argv: tuple[str, ...]
    says: list[Said]

    def fits(self, host: str, argv: tuple[str, ...]) -> bool:
        return self.host in {"", host} and argv[: len(self.argv)] == self.argv

    def next(self) -> Said:
        """What is said now."""
        return self.says.pop(0) if len(self.says) > 1 else self.says[0]


@dataclass(slots=True)
class Script:
    """What the hosts shall answer, and the record of what they were sent: host and words, in order."""

    answers: list[Answer] = field(default_factory=list)
    record: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def told(self, host: str, argv: tuple[str, ...]) -> Said | None:
        """The next answer of the longest beginning that fits; one for that very host comes first."""
        fitting = [answer for answer in self.answers if answer.fits(host, argv)]
        best = max(fitting, key=lambda answer: (len(answer.argv), answer.host), default=None)
        return best.next() if best else None


class ScratchHost:
    """One host of the site: ``files`` is its disk, ``script`` says what it answers (asked for each command)."""

    def __init__(self, name: str, files: Tree, script: Callable[[], Script]) -> None:
        self.files = files
        self.shell = Shell({}, self._run)
        self._name = name
        self._script = script

    async def _run(self, call: Call) -> int:
        """Note the command, take all that is sent with it, then answer it."""
        script = self._script()
        script.record.append((self._name, call.argv))
        content = await call.stdin()

        async def given() -> bytes:
            return content

        told = script.told(self._name, call.argv)
        if told is None:
            return await self._tool(replace(call, stdin=given))
        call.stdout(told.out.encode())
        call.stderr(told.err.encode())
        return told.exit

    async def _tool(self, call: Call) -> int:
        """The tools that edits use, and an nginx that takes every reload; everything else succeeds and says nothing."""
        match call.argv:
            case ("cat", path) if path.endswith("nginx.pid"):
                call.say("1")
            case ("ps", "-ww", "-o", "args=", "-p", _):
                call.say(f"nginx: master process nginx -c {self._conf()}")
            case (nginx, "-T") if nginx.endswith("nginx") and self._conf():
                call.stdout(f"# configuration file {self._conf()}:\n".encode() + call.files.read(self._conf()) + b"\n")
            case (nginx, "-V") if nginx.endswith("nginx"):
                call.complain("configure arguments: --prefix=/")
            case ("ls", "-lndZ", path):
                return await foldertools.ls(call)
            case ("curl", *_, "-w", "%{http_code}", _):
                call.stdout(b"200")
            case ("ps", "-ww", "-o", "pid=,etime=,args=", "-p", _):
                return 1  # nobody of before the reload is left
            case ("ps", "-o", "pid=", "--ppid", _):
                call.say(str(100 + self._reloads()))
            case (nginx, "-s", "reload") if nginx.endswith("nginx"):
                call.files.write(_RELOADS, str(self._reloads() + 1).encode())
            case ("readlink", "-f", path):
                call.say(path)
            case ("cat" | "sha256sum" | "tee", _) | ("dd", *_) | ("install", "-m", _, "/dev/null", _):
                return await _TOOLS[call.argv[0]](call)
            case ("cp", _, _, _) | ("mv", "-f", _, _) | ("rm", "-f", *_):
                return await _TOOLS[call.argv[0]](call)
            case ("test", "!", "-e", _) | ("test", "-e" | "-f" | "-s", _):
                return await _TOOLS["test"](call)
            case _:
                pass
        return 0

    def _conf(self) -> str:
        """The configuration that its nginx would load; empty where there is none on its disk."""
        found = sorted(self.files.root.rglob("nginx.conf")) or sorted(self.files.root.rglob("*.conf"))
        return self.files.name(str(found[0])) if found else ""

    def _reloads(self) -> int:
        return int(self.files.read(_RELOADS)) if self.files.at(_RELOADS).exists() else 0
