"""What people read in the sources: comments and docstrings of Python, comment lines of the other files."""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("bot", "handlers", "runbooks", "messages", "data", "scripts", "tests", "deploy")
MARKS = {".yaml": "#", ".toml": "#", ".sh": "#", ".js": "/*", ".css": "/*", ".j2": "{#"}


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment or docstring and where it stands (path from the root, line)."""

    path: str
    line: int
    text: str


def modules(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file of these rooms, parsed."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path, ast.parse(path.read_text("utf-8"))


def remarks() -> Iterator[Remark]:
    """Every comment and docstring of the repository outside ``docs``."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix == ".py":
                yield from _python(path)
            elif path.suffix in MARKS and path.is_file():
                yield from _marked(path, MARKS[path.suffix])


def _python(path: Path) -> Iterator[Remark]:
    text, name = path.read_text("utf-8"), path.relative_to(ROOT).as_posix()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield Remark(name, token.start[0], token.string)
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(said))):
                yield Remark(name, node.lineno, said)
            case _:
                pass


def _marked(path: Path, mark: str) -> Iterator[Remark]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if mark in line or line.startswith(("source:", " *")):
            yield Remark(path.relative_to(ROOT).as_posix(), number, line)
