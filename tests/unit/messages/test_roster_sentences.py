"""The sentences on roster files: whoever says one passes the facts that it uses, in both languages, and none is left over."""

import ast
from collections.abc import Iterator
from datetime import UTC

from data.roster import limits
from data.roster.text import REMARKS
from messages.render import Renderer
from tests.support.said_in_source import trees

MESSAGES = Renderer(UTC)
ELSEWHERE = {  # named in one place, said in another
    *(f"too_large_{name.lower()}" for name in vars(limits) if name.isupper() and name not in {"FAULTS", "NOTES"}),
    *(name for _, name in REMARKS.values()),
    "gap",
    "check_gap",
    "check_load",
    "import_same",
    "nobody_named",
    "no_hours_written",
}


def said() -> Iterator[tuple[str, frozenset[str]]]:
    """Every literal name of a sentence, with the facts that are passed with it."""
    rooms = {path: tree for path, tree in trees().items() if path.startswith(("data/roster/", "bot/cli/roster"))}
    for node in (node for tree in rooms.values() for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        facts = frozenset(keyword.arg for keyword in node.keywords if keyword.arg)
        whole = all(keyword.arg for keyword in node.keywords)
        computed = any(isinstance(arg, ast.JoinedStr | ast.Starred) for arg in node.args)
        if called in {"RosterError", "sentence", "say", "Told"} and texts and whole and not computed:
            yield texts[-1].removeprefix("roster/"), facts


def test_8_26_every_sentence_gets_the_facts_that_it_uses() -> None:
    wrong = {name: facts for name, facts in said() if facts != MESSAGES.facts_of(f"roster/{name}")}
    assert wrong == {}


def test_8_26_no_sentence_is_left_over() -> None:
    ours = {name.removeprefix("roster/") for name in MESSAGES.names() if name.startswith("roster/")}
    assert ours - {name for name, _ in said()} - {"import_post"} == ELSEWHERE - {name for name, _ in said()}


def test_8_3_every_bound_has_its_sentence() -> None:
    for name in ELSEWHERE:
        if name.startswith("too_large"):
            assert str(limits.TEXT) in MESSAGES.post(f"roster/{name}", "zh", {"limit": limits.TEXT}).text or "MB" in (
                MESSAGES.post(f"roster/{name}", "en", {"limit": limits.FILE}).text
            )
