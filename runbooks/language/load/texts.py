"""Texts in both languages, as a definition gives them."""

from data.load.yaml_file import Spot
from runbooks.language import placeholders
from runbooks.language.load.step_forms import Both
from runbooks.language.vocabulary import Text


def text_of(written: Both | None, otherwise: Text) -> Text:
    """The text that is written, or ``otherwise`` where none is."""
    return Text(written.zh, written.en) if written else otherwise


def fits(at: Spot, key: str, text: Text, known: frozenset[str]) -> Text:
    """``text``, with what nothing fills in it reported at ``key``."""
    for one in (text.zh, text.en):
        placeholders.check(at, key, one, known)
    return text
