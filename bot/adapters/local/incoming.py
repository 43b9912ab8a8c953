"""What may come in over the local chat's HTTP interface: checked field by field, one plain line for what is wrong."""

import re
from typing import Any
from uuid import uuid4

from bot.core import calling
from bot.core.events import Envelope, FileRef, Message, Tap
from bot.core.people import Account, Chat
from bot.core.ports import Clock
from data.site import Site

TEXT_LIMIT = 20_000  # characters
_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}", re.ASCII)
_FILE_URL = re.compile(r"/local/files/[0-9a-f]{32}/[^/]{1,255}")
_MENTION = re.compile(r"@(\w+)")


class BadRequest(Exception):
    """A request that is not of the interface's form; ``status`` is its HTTP status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def chat_of(site: Site, chat_id: str, user: str | None = None) -> Chat:
    """The local chat ``chat_id``; a direct chat is its person's alone."""
    chat = site.chat(chat_id)
    if chat is None or chat.platform != "local" or not chat.known:
        raise BadRequest(f"no chat {chat_id[:64]}; see /local/directory", 404)
    if user is not None and chat.direct and chat.person != user:
        raise BadRequest(f"{chat_id[:64]} is somebody else's direct chat", 403)
    return chat


def message(site: Site, clock: Clock, chat_id: str, data: Any) -> Message:
    """A message from ``{"user","text","id"?,"reply_to"?,"files"?}``."""
    body = _object(data)
    user = _user(site, body)
    chat = chat_of(site, chat_id, user)
    text = body.get("text", "")
    files = _files(body.get("files") or [])
    if not isinstance(text, str) or not (text.strip() or files):
        raise BadRequest("text must be a non-empty string")
    if len(text) > TEXT_LIMIT:
        raise BadRequest(f"text is longer than {TEXT_LIMIT} characters", 413)
    if not _encodable(text):
        raise BadRequest("text holds a lone surrogate; send valid Unicode")
    reply_to = body.get("reply_to")
    if reply_to is not None and not (isinstance(reply_to, str) and _ID.fullmatch(reply_to)):
        raise BadRequest("reply_to must be a message id")
    envelope = _envelope(clock, body, user, chat.id)
    to_bot = chat.direct or "@值班" in text or calling.heard(text).bot
    return Message(envelope, text, reply_to, mentions_in(site, text), files, to_bot=to_bot)


def tap(clock: Clock, site: Site, data: Any, chat: str, actions: tuple[str, ...]) -> Tap:
    """A tap from ``{"user","message","action","id"?}`` on a message that offered ``actions``."""
    body = _object(data)
    user = _user(site, body)
    chat_of(site, chat, user)
    action = body.get("action")
    if action not in actions:
        raise BadRequest("action: this message never had such a button")
    return Tap(_envelope(clock, body, user, chat), str(action), body["message"])


def tapped_message(data: Any) -> str:
    """The message id that a tap names."""
    value = _object(data).get("message")
    if not isinstance(value, str):
        raise BadRequest("message must be a message id")
    return value


def mentions_in(site: Site, text: str) -> tuple[str, ...]:
    """Person ids of the @names in a text; on the local platform a name or an id is typed after @."""
    found: list[str] = []
    for word in _MENTION.findall(text):
        for person in site.people.values():
            if (word == person.id or word.startswith(person.name)) and person.id not in found:
                found.append(person.id)
    return tuple(found)


def _object(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise BadRequest("the body must be a JSON object")
    return data


def _user(site: Site, body: dict[str, Any]) -> str:
    user = body.get("user")
    if not isinstance(user, str) or user not in site.people:
        raise BadRequest("user must be a person of /local/directory", 404 if isinstance(user, str) else 400)
    return user


def _envelope(clock: Clock, body: dict[str, Any], user: str, chat: str) -> Envelope:
    key = body.get("id") or uuid4().hex
    if not isinstance(key, str) or not _ID.fullmatch(key) or key.startswith("b-"):
        raise BadRequest("id must be 1 to 128 of A-Z a-z 0-9 . _ : - and not start with b-")
    now = clock.now()
    return Envelope(key, Account("local", user), user, chat, now, now)


def _files(value: Any) -> tuple[FileRef, ...]:
    if not isinstance(value, list) or len(value) > 10:
        raise BadRequest("files must be a list of at most 10")
    files = []
    for item in value:
        if not isinstance(item, dict) or not isinstance(item.get("name"), str) or not isinstance(item.get("url"), str):
            raise BadRequest('each file is {"name", "url"} as /local/files answered')
        if not _FILE_URL.fullmatch(item["url"]):
            raise BadRequest("a file's url is what /local/files answered")
        files.append(FileRef(item["name"][:255], item["url"], item["url"]))
    return tuple(files)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
