"""Plain text as Mattermost's markdown shows it unchanged, with exactly the mentions that are meant.

Mattermost finds mentions in words split at blanks and most signs, so what stands directly beside a name undoes it; and a text
that people typed must reach nobody (``@all``, ``@channel``, ``@here``, in webhooks ``<!channel>`` too).
"""

import re
from collections.abc import Mapping

from bot.adapters.common.addresses import pattern
from bot.adapters.common.mentions import spans

_URL = pattern()
_AT = re.compile(r"(?<![A-Za-z0-9_])@")
_MARKS = re.compile(
    r"[\\`*\[\]~|]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^#|^>|(?:(?<=^[0-9])|(?<=^[0-9]{2}))[.)](?=\s)", re.MULTILINE
)
_EMOJI = re.compile(
    r":(?=(?:100|1234|[+-]1|ok|ok_hand|x|o|warning|fire|smile|smiley|grin|joy|cry|sob|heart|eyes|pray|clap|wave|tada|bug|key|lock|"
    r"rage|bomb|zap|star|sos|no_entry|thinking|thinking_face|white_check_mark|heavy_check_mark|exclamation|question|thumbsup|thumbsdown|"
    r"rotating_light|computer|phone|email|clock[0-9]{1,2}|rocket|skull|poop|sweat_smile|disappointed|confused|sunglasses|muscle):)"
)


def escape(text: str) -> str:
    """The text with markup and mentions made inert; addresses stay whole, so that they can be followed."""
    parts = _URL.split(text)
    return "".join(_link(part, parts[number + 1]) if number % 2 else _plain(part) for number, part in enumerate(parts))


def _link(address: str, behind: str) -> str:
    """Against words or signs of another script it is bracketed, unseen: Mattermost takes ``。`` and ``）`` for a part of it."""
    target = _AT.sub("%40", address)
    against = (behind.split(maxsplit=1) or [""])[0] if not behind[:1].isspace() else ""
    return target if against.isascii() else f"<{target}>"


def _plain(text: str) -> str:
    """``＠``, ``＜`` and ``：`` instead of an invisible sign: what is copied from the chat must not hide anything."""
    return _MARKS.sub(r"\\\g<0>", _EMOJI.sub("：", _AT.sub("＠", text)).replace("<", "＜"))


def formatted(text: str, usernames: Mapping[str, str]) -> str:
    """The escaped text; the first "@name" of each of ``usernames`` (name → username) becomes the mention."""
    done, begin = "", 0
    for span in spans(text, usernames.items()):
        done += escape(text[begin : span.begin])
        begin = span.end
        done += _gap(done, last=True) + f"@{span.account}" + _gap(text[begin:], last=False)
    return done + escape(text[begin:])


def _gap(beside: str, *, last: bool) -> str:
    """A blank where a name would otherwise stand against other words."""
    return " " if beside and not (beside[-1] if last else beside[0]).isspace() else ""


def measured(text: str) -> int:
    """Characters of the escaped text: what Mattermost's limit counts."""
    return len(escape(text))
