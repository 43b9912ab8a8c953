"""Every message and refusal passes exactly the facts that its text uses: the sources are read, not run, no branch is missed."""

import ast
from zoneinfo import ZoneInfo

import pytest

from messages.render import Renderer
from tests.support.said_in_source import Keys, Way, said, trees

TICKET: Keys = frozenset({"ticket", "summary"})
WAYS = {
    "say": Way(0, frozenset({"priority", "about", "reply_to", "files", "page", "beside"})),
    "update": Way(2, frozenset({"about", "matters", "page"})),
    "post_to_group": Way(2, frozenset({"reply_to"}), TICKET | {"forward"}),
    "post_to_person": Way(3, frozenset({"priority"}), TICKET),
    "post_to_chat": Way(2, frozenset({"reply_to"}), TICKET),
    "_repost": Way(4, frozenset({"matters"})),
    "_cards": Way(2, adds=frozenset({"run"})),
    "tell": Way(1),
    "post": Way(0, mapping=2),
}
HANDED_ON = {  # named in one place, said in another
    "ops/servers_off": {"faults"},
    "ops/runbooks_unfit": {"faults"},
    "shared/link_used": set(),
    "shared/link_pressed": set(),
    "faults/vendor": {"summary", "vendor"},  # part of the page
    "runs/left": {"old"},  # shown within others
    "shared/roles": {"roles"},
}


@pytest.fixture(scope="module")
def texts() -> dict[str, frozenset[str]]:
    """Every message and the facts that it uses."""
    messages = Renderer(ZoneInfo("Asia/Shanghai"))
    return {name: messages.facts_of(name) for name in messages.names()}


@pytest.fixture(scope="module")
def refused(texts: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    return {name.removeprefix("refusals/"): facts for name, facts in texts.items() if "refusals/" in name}


def test_what_is_said_passes_what_its_text_uses(texts: dict[str, frozenset[str]]) -> None:
    ours = {
        name: facts
        for name, facts in texts.items()
        if not name.startswith(("refusals/", "roster/", "data/", "check/", "settings/", "service/", "runbooks/"))
    }
    found = list(said(WAYS, frozenset(ours), trees()))
    wrong = {
        f"{s.where} {s.message}": sorted((s.facts or frozenset()) ^ ours[s.message])
        for s in found
        if s.facts != ours[s.message]
    }
    assert wrong == {}
    assert ours.keys() - {s.message for s in found} == HANDED_ON.keys(), "a message that nobody says, or one more way"
    assert {name: ours[name] for name in HANDED_ON} == HANDED_ON


def test_every_refusal_passes_what_its_sentence_uses(refused: dict[str, frozenset[str]]) -> None:
    found = list(said({"UserError": Way(0), "Refused": Way(0), "Again": Way(0)}, frozenset(refused), trees()))
    assert {f"{s.where} {s.message}": s.facts for s in found if s.facts != refused[s.message]} == {}
    assert refused.keys() - {s.message for s in found} == set(), "a sentence that nobody is refused with"


def test_every_refusal_has_its_sentence(refused: dict[str, frozenset[str]]) -> None:
    ours = {path: tree for path, tree in trees().items() if path != "bot/adapters/slack/api.py"}  # a class of its own
    codes = {
        leaf.value
        for tree in ours.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in {"UserError", "Refused", "Again"}
        and node.args
        for leaf in ast.walk(node.args[0])
        if isinstance(leaf, ast.Constant)
    }
    assert {"unknown_command", "not_authorised", "self_confirm"} <= codes
    assert codes - refused.keys() == set()


@pytest.mark.parametrize(
    ("source", "facts"),
    [
        ('def f(work): work.say("a/b", "chat", about="x", y=1)', [{"y"}]),
        ('def f(work, **more): work.say("a/b", "chat", y=1, **more)\ndef g(work): f(work, z=2)', [{"y", "z"}]),
        ('def f(work):\n    facts = {"y": 1}\n    facts |= {"z": 2}\n    work.say("a/b", "c", **facts)', [{"y", "z"}]),
        (
            'def f(work, x):\n    facts = {"y": 1}\n    if x:\n        facts |= {"z": 2}\n    work.say("a/b", "c", **facts)',
            [{"y"}, {"y", "z"}],
        ),
        ('def h(): return {"y": 1} if x else {}\ndef f(work): work.say("a/b", "c", **h())', [set(), {"y"}]),
        ('def f(work): work.say("a/b" if x else "a/c", "c", **unknown)', [None]),
        ('def f(): return "a/b", {"y": 1}', [{"y"}]),
    ],
)
def test_how_the_sources_are_read(source: str, facts: list[set[str] | None]) -> None:
    """The reader itself: what it must see, and that it says where it cannot."""
    found = [s.facts for s in said(WAYS, frozenset({"a/b"}), {"x.py": ast.parse(source)})]
    assert sorted(map(str, map(_sorted, found))) == sorted(map(str, map(_sorted, facts)))


def _sorted(keys: Keys | set[str] | None) -> list[str] | None:
    return None if keys is None else sorted(keys)
