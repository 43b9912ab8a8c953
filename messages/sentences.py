"""One sentence by itself, for those who say it elsewhere than in a chat: the command line, the faults of a file."""

from collections.abc import Mapping
from datetime import UTC
from functools import cache

from messages.render import Renderer


@cache
def _renderer() -> Renderer:
    return Renderer(UTC)


def sentence(name: str, locale: str, facts: Mapping[str, object]) -> str:
    """The text of a message in a language. Raises ``LookupError`` for a name or fact that is not there."""
    return _renderer().post(name, locale, facts).text
