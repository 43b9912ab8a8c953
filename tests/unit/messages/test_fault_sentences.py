"""The sentences on what is wrong in files and settings: whoever names one passes the facts that it uses, and none is left over."""

import ast
from collections.abc import Iterator
from datetime import UTC

from messages.render import Renderer
from tests.support.said_in_source import trees

MESSAGES = Renderer(UTC)
AREAS = ("data/", "check/", "settings/", "service/", "runbooks/")
GIVEN = {"key", "given"}  # what whoever reads a value adds to the facts of its sentence


def told() -> Iterator[tuple[str, frozenset[str] | None]]:
    """Every name of such a sentence in the sources, with its facts where they are passed there and then."""
    for node in (node for tree in trees().values() for node in ast.walk(tree)):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") == "Told"
            and isinstance(node.args[0], ast.Constant)
        ):
            whole = all(keyword.arg for keyword in node.keywords)
            yield str(node.args[0].value), frozenset(k.arg for k in node.keywords if k.arg) if whole else None
        elif (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") == "wrong"
            and isinstance(node.args[0], ast.Constant)
        ):
            yield "settings/" + str(node.args[0].value), frozenset(k.arg for k in node.keywords if k.arg)
        elif isinstance(node, ast.Constant) and str(node.value).startswith(AREAS):
            yield str(node.value), None


def test_8_25_every_sentence_on_a_fault_gets_the_facts_that_it_uses() -> None:
    found = [(name, facts) for name, facts in told() if facts is not None and name.startswith(AREAS)]
    assert len(found) > 40
    assert {name: facts for name, facts in found if facts != MESSAGES.facts_of(name)} == {}


def test_8_25_no_sentence_on_a_fault_is_left_over() -> None:
    ours = {name for name in MESSAGES.names() if name.startswith(AREAS)}
    assert ours ^ {name for name, _ in told() if name.startswith(AREAS)} == {
        "data/example",
        "settings/",
    }  # a folder, and what ``wrong`` puts in front
