"""What the AI bot hears, as events of ours: messages, card clicks, somebody coming in (WeCom 100719, 101027, 101463).

The body is the same by callback and by long connection. A group's messages reach the bot only when they mention it, so every
one is meant for it; the payload does not say where in the text the mention stands, only the bot's name tells.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.adapters.common import fields
from bot.adapters.common.ingress import BadRequest, Ingress
from bot.adapters.wecom.cards import message_of
from bot.adapters.wecom.settings import WecomBot
from bot.adapters.wecom.words import UNREAD, files_of, said
from bot.core import calling
from bot.core.events import Envelope, Message, Tap

_LONGEST_ID, _LONGEST_KEY = 256, 1024  # characters
_AFTER = " \u2005。.!！?？~" + calling.SIGNS
_MOST_OF_NAME = 4  # characters by which a bot's real name is taken to be longer than the one in the settings
_NAMED = re.compile(r"@[^/／]{1,40}\s(?=[/／])")  # a mention whose name may have blanks, and a command


@dataclass(frozen=True, slots=True)
class Heard:
    """One callback. ``event`` is None for what is nobody's word; ``address`` is the group or, when ``direct``, the user.

    ``card`` is the task id of a clicked card, ``entered`` is true when somebody opened the direct chat.
    """

    event: Message | Tap | None
    user: str
    address: str
    direct: bool
    response_url: str = ""
    card: str = ""
    entered: bool = False


def read(body: dict[str, Any], bot: WecomBot, ingress: Ingress, at: datetime) -> Heard:
    """The callback's meaning; ``at`` is the time to take where it states none. ``BadRequest`` for what is no callback."""
    if bot.bot_id and body.get("aibotid", bot.bot_id) != bot.bot_id:
        raise BadRequest(403, "wrong_receiver")
    kind = fields.text(body, "msgtype")
    if kind == "stream":  # the platform asks for the rest of a reply; ours are whole
        return Heard(None, "", "", direct=False)
    user = _sender(fields.part(body, "from"), bot)
    direct = body.get("chattype", "group" if body.get("chatid") else "single") == "single"
    address = user if direct else fields.text(body, "chatid", longest=_LONGEST_ID)
    url = body.get("response_url")
    heard = Heard(None, user, address, direct, response_url=url if isinstance(url, str) else "")
    if kind == "event":
        return _event(body, heard, ingress, at)
    envelope = _envelope(body, heard, ingress, at, fields.text(body, "msgid", longest=_LONGEST_ID))
    text, verbs = said(body, kind), _verbs(ingress)
    typed = calling.called(text, (bot.display_name,)) if direct else _unaddressed(text, bot.display_name, verbs)
    words = text if typed is None else f"@bot {typed}".strip()
    quote = _quote(body)
    quote = quote if direct else _unaddressed(quote, bot.display_name)
    message = Message(envelope, words, files=files_of(body, kind), to_bot=True, quote=quote)
    return _with(heard, message)


def _sender(sender: dict[str, Any], bot: WecomBot) -> str:
    """The user id; of another corporation's people with its id before it, since the same user id may be somebody else there."""
    user = fields.text(sender, "userid", longest=_LONGEST_ID)
    if sender.get("corpid") in {None, ""}:
        return user
    corp = fields.text(sender, "corpid", longest=_LONGEST_ID)
    return user if corp == bot.corp_id else f"{corp}/{user}"


def _event(body: dict[str, Any], heard: Heard, ingress: Ingress, at: datetime) -> Heard:
    event = fields.part(body, "event")
    kind = event.get("eventtype")
    if kind == "enter_chat":
        return _with(heard, None, entered=True)
    if kind != "template_card_event":
        return heard
    click = fields.part(event, kind) if kind in event else event  # an older form has the fields one level up
    card, action = (
        fields.text(click, "task_id", longest=_LONGEST_ID),
        fields.text(click, "event_key", longest=_LONGEST_KEY),
    )
    given = body.get("msgid")
    key = (
        fields.text(body, "msgid", longest=_LONGEST_ID)
        if given is not None
        else f"{heard.user}:{body.get('create_time')}:{card}:{action}"
    )
    envelope = _envelope(body, heard, ingress, at, key)
    return _with(heard, Tap(envelope, action, message_of(card)), card=card)


def _with(heard: Heard, event: Message | Tap | None, *, card: str = "", entered: bool = False) -> Heard:
    return Heard(event, heard.user, heard.address, heard.direct, heard.response_url, card, entered)


def _envelope(body: dict[str, Any], heard: Heard, ingress: Ingress, at: datetime, key: str) -> Envelope:
    created = body.get("create_time")
    if isinstance(created, int) and not isinstance(created, bool) and 0 < created < 2**33:
        at = datetime.fromtimestamp(created, UTC)
    return ingress.envelope(key=key, user=heard.user, chat=heard.address, sent_at=at, direct=heard.direct)


def _quote(body: dict[str, Any]) -> str:
    """The text of the quoted message, or what kind it is; there is no id of it."""
    quote = body.get("quote")
    if quote is None:
        return ""
    kind = quote.get("msgtype") if isinstance(quote, dict) else None
    return (said(quote, kind).strip() if isinstance(kind, str) else "") or UNREAD


def _verbs(ingress: Ingress) -> frozenset[str]:
    return frozenset(word for item in ingress.runtime.menu for word in (item.verb, item.alias))


def _unaddressed(text: str, name: str, verbs: frozenset[str] = frozenset()) -> str:
    """The text without the bot's own mention, at either end; a name may hold spaces, so it is compared whole.

    A mention ends with a blank. Where the name in the settings is not the bot's, the first word is taken for it, or what
    stands before a command: better than no command. But what is too long for the rest of a name, or one of ``verbs``, is what
    somebody typed against the name without a blank.
    """
    if (typed := calling.called(text, (name,))) is not None:
        return typed
    call = f"@{name}"
    words = text.strip(calling.BLANKS + calling.UNSEEN + "\r\n")
    rest = words.removeprefix(call)
    first = rest.partition("\n")[0].split(" ")[0]
    verb = rest[:1].isascii() and not name[-1:].isascii() and not _NAMED.match(words)  # "@值班ping x"
    against = verb or first in verbs or (len(first) > _MOST_OF_NAME and not _NAMED.match(words))  # "@值班重启 oa3"
    longer = rest[:1].isalnum() and len(words.split(maxsplit=1)) > 1 and not against  # "@值班助手 …" is not "@值班"
    if words.startswith(call) and not longer:
        return rest.strip()
    if (last := words.rstrip(_AFTER)).endswith(call):
        return last.removesuffix(call).strip()
    if words.startswith("@") and (longer or call not in words):
        named = _NAMED.match(words)
        return words[named.end() :] if named else "".join(words.split(maxsplit=1)[1:])
    return words
