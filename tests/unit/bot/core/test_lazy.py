"""A module is imported by its name in one place only, for the few that are listed, and the names are right."""

import ast
from importlib.util import find_spec

from bot.__main__ import COMMANDS
from bot.cli.platforms import PLATFORMS
from bot.core import lazy
from tests.docs.sources import ROOT, modules

PRODUCT = ("bot", "handlers", "runbooks", "messages", "data", "scripts")
BY_NAME = {"importlib", "__import__", "pkgutil", "runpy"}
USERS = {
    "bot/__main__.py",
    "bot/cli/platforms.py",
    "bot/cli/runbooks.py",
    "bot/cli/roster.py",
    "bot/storage/schema.py",
    "bot/core/problems.py",
}


def names(tree: ast.AST) -> set[str]:
    """Every module that is imported, and every bare name that is used."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                found |= {alias.name.partition(".")[0] for alias in node.names}
            case ast.ImportFrom(module=str(module)):
                found |= {module.partition(".")[0], *(f"{module}.{alias.name}" for alias in node.names)}
            case ast.Name():
                found.add(node.id)
            case _:
                pass
    return found


def test_one_module_imports_by_name_and_few_ask_it_to() -> None:
    found = {path.relative_to(ROOT).as_posix(): names(tree) for path, tree in modules(*PRODUCT)}
    assert {path for path, used in found.items() if used & BY_NAME} == {"bot/core/lazy.py"}
    assert {path for path, used in found.items() if "bot.core.lazy.imported" in used} == USERS


def test_what_is_loaded_late_is_there() -> None:
    commands = {f"bot.cli.{command.replace('-', '_')}" for command in COMMANDS}
    platforms = {f"bot.adapters.{name}.{part}" for name in PLATFORMS for part in ("settings", "adapter")}
    assert all(
        find_spec(module)
        for module in {lazy.MIGRATIONS, lazy.SENTENCES, lazy.XLSX, "bot.cli.tried_runbooks"}
        | {"bot.cli.roster_at", "bot.cli.roster_import"}
        | commands
        | platforms
    )
