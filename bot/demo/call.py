"""What a simulated command is given when it runs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.demo.tree import Tree


@dataclass(frozen=True, slots=True)
class Call:
    """One command on one machine. ``pace`` multiplies every simulated second; ``stdin`` reads to the end of input.

    ``cwd`` is the folder it runs in.
    """

    files: Tree
    argv: tuple[str, ...]
    pace: float
    stdin: Callable[[], Awaitable[bytes]]
    stdout: Callable[[bytes], None]
    stderr: Callable[[bytes], None]
    cwd: str = "/"

    @property
    def args(self) -> tuple[str, ...]:
        """The words after the command's name."""
        return self.argv[1:]

    def path(self, name: str) -> str:
        """``name`` as an absolute path."""
        return name if name.startswith("/") else f"{self.cwd.rstrip('/')}/{name}"

    def say(self, text: str) -> None:
        """A line on standard output."""
        self.stdout(text.encode() + b"\n")

    def complain(self, text: str) -> None:
        """A line on standard error."""
        self.stderr(text.encode() + b"\n")


Tool = Callable[[Call], Awaitable[int]]
