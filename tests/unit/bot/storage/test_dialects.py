"""Every quick statement reads in both databases' words, and only the dialects know which one it is."""

import ast
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import bot
import handlers
import runbooks
from bot.storage.dialects.dialect import Dialect
from bot.storage.dialects.postgres import POSTGRES
from bot.storage.dialects.sqlite import SQLITE
from bot.storage.statements import Statement

ROOT = Path(bot.__file__).parents[1]
KNOWS = "bot/storage/dialects/"


def statements() -> dict[str, Statement]:
    """Every statement that stands in a module, by its name there."""
    found: dict[str, Statement] = {}
    for package in (bot, handlers, runbooks):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "__main__" in info.name or ".migrations." in info.name:
                continue
            module: ModuleType = importlib.import_module(info.name)
            own = {f"{info.name}.{name}": value for name, value in vars(module).items() if name.startswith("_")}
            found |= {name: value for name, value in own.items() if isinstance(value, Statement)}
    return found


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRES], ids=["sqlite", "postgresql"])
def test_every_statement_compiles_for_both(dialect: Dialect) -> None:
    compiled = {name: statement.form(dialect).sql for name, statement in statements().items()}
    assert len(compiled) >= 20
    assert all(sql.split()[0] in {"SELECT", "INSERT", "UPDATE"} for sql in compiled.values()), compiled


def test_nothing_else_names_a_database_or_its_driver() -> None:
    files = [
        path
        for folder in ("bot", "handlers", "runbooks", "messages", "data")
        for path in ROOT.glob(f"{folder}/**/*.py")
    ]
    knowing = {
        str(path.relative_to(ROOT))
        for path in files
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in imported(node)
        if name.split(".")[0] in {"sqlite3", "psycopg", "asyncpg"} or name.startswith("sqlalchemy.dialects")
    }
    assert {name for name in knowing if not name.startswith(KNOWS)} == set()
    assert f"{KNOWS}sqlite.py" in knowing


def imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
        case _:
            return []
