"""How ``{placeholder}`` becomes a word, and what stands for it while its value is not known or must not be seen.

A fact that a precheck has yet to find, and a secret, stand as ``‹name›``. Nobody can type those signs (arguments are ASCII) and no
definition may hold them, so what is marked is unambiguous; a command that is still marked is never sent.
"""

import re
from collections.abc import Iterable, Mapping
from string import Formatter

from bot.core.problems import Told, nearest_of
from data.load.yaml_file import Spot

SITE_NAMES = frozenset(
    {"app_home", "app_port", "node_address", "nginx", "conf", "health_path", "today", "month", "stamp"}
)  # what the site fills in
HERE_NAMES = frozenset({"here", "here.address", "here.ip", "here.port", "here.web"})
SECRET = "secret."  # noqa: S105  a prefix, not a secret
_MARK = re.compile("‹([^‹›]*)›")
_SECRET_NAME = re.compile(r"secret\.[a-z][a-z0-9_]{0,40}", re.ASCII)


def host_names(name: str) -> frozenset[str]:
    """The placeholders that come with a host called ``name``."""
    return frozenset({name, f"{name}.host", f"{name}.address", f"{name}.ip", f"{name}.port", f"{name}.web"})


def placeholders(word: str) -> list[str]:
    """The names in braces. Raises ``ValueError`` for braces that do not match."""
    return [name for _, name, _, _ in Formatter().parse(word) if name is not None]


def fill(word: str, values: Mapping[str, str]) -> str:
    """``word`` with its placeholders replaced; they were checked at loading. A secret stays marked until it is sent."""
    parts = []
    for text, name, _, _ in Formatter().parse(word):
        parts.append(text)
        if name is not None:
            parts.append(marked(name) if name.startswith(SECRET) else values[name])
    return "".join(parts)


def marked(name: str) -> str:
    """What stands for a value that is not known yet or must not be seen."""
    return f"‹{name}›"


def unmark(word: str, values: Mapping[str, str]) -> str:
    """``word`` with the marks of ``values`` replaced, others left as they are."""
    return _MARK.sub(lambda match: values.get(match[1], match[0]), word)


def marks(words: Iterable[str]) -> frozenset[str]:
    """The names that are still marked somewhere in ``words``."""
    return frozenset(name for word in words for name in _MARK.findall(word))


def check(at: Spot, key: str, word: str, known: frozenset[str], *, secrets: bool = False) -> None:
    """Report a placeholder that nothing fills."""
    if "‹" in word or "›" in word:
        at.report(Told("runbooks/marks", key=key, given=word), key)
    try:
        parts = list(Formatter().parse(word))
    except ValueError as error:
        at.report(Told("runbooks/braces", key=key, given=word, reason=str(error)), key)
        return
    for _, name, spec, conversion in parts:
        if name is None or (secrets and _SECRET_NAME.fullmatch(name) and not (spec or conversion)):
            continue
        if name not in known or spec or conversion:
            near = nearest_of(name, known)
            at.report(Told("runbooks/unfilled", key=key, given=word, name=name, near=near), key)
