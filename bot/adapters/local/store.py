"""The local platform's own record: what stands in its chats, with a cursor that an update moves to the end."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlmodel import Field, Session, SQLModel

from bot.core.content import Post, to_json
from bot.core.events import Message
from bot.storage.dialects.dialect import Upsert
from bot.storage.statements import Statement
from bot.storage.store import Tx
from bot.storage.tables import table_of

PAGE = 200  # messages in one answer


class LocalMessage(SQLModel, table=True):
    """A message of a local chat; ``body`` holds its live part, ``offered`` every action it ever had a button for."""

    __tablename__ = "local_message"

    id: str = Field(primary_key=True)
    cursor: int = Field(unique=True)
    chat: str = Field(index=True)
    at: datetime
    user: str
    text: str
    reply_to: str | None = None
    body: str
    offered: str = "[]"
    updated: bool = False


_table = table_of(LocalMessage)
_next = select(func.coalesce(func.max(_table.c.cursor), 0) + 1).scalar_subquery()
_GIVEN = ("id", "chat", "at", "user", "text", "reply_to", "body", "offered")
_INSERT = Statement(
    Upsert(_table, key=("id",), values={"cursor": _next, "updated": False} | {name: bindparam(name) for name in _GIVEN})
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stored message as the HTTP interface shows it (contract: HTTP)."""

    cursor: int
    chat: str
    shown: dict[str, Any]


def put_spoken(tx: Tx, message: Message, at: datetime) -> None:
    """Write down what a person said, in the same transaction as the intake."""
    files = [{"name": f.name, "url": f.url} for f in message.files]
    body = json.dumps({"files": files, "mentions": message.mentions}, ensure_ascii=False)
    envelope = message.envelope
    user = envelope.account.user_id
    _insert(tx, envelope.key, envelope.chat, at, user, message.text, message.reply_to, body, "[]")


def put_posted(tx: Tx, message_id: str, chat: str, at: datetime, post: Post, reply_to: str | None) -> None:
    """Write down a post of the bot; the client key is the id, so a repeat changes nothing."""
    body, offered = _body(message_id, post), _offered(post, [])
    _insert(tx, message_id, chat, at, "bot", post.text, reply_to, body, offered)


def _insert(tx: Tx, *row: str | datetime | None) -> None:
    _INSERT.count(tx, dict(zip(_GIVEN, row, strict=True)))
    tx.wake("local")


def put_update(tx: Tx, message_id: str, post: Post) -> None:
    """Rewrite a post in place and move it behind the cursor, so that readers get it again."""
    row = tx.connection.execute(select(_table.c.offered).where(_table.c.id == message_id)).first()
    if row is None:
        raise LookupError(f"no local message {message_id}")
    values = {"text": post.text, "body": _body(message_id, post), "offered": _offered(post, json.loads(row.offered))}
    tx.connection.execute(update(_table).where(_table.c.id == message_id).values(cursor=_next, updated=True, **values))
    tx.wake("local")


def _body(message_id: str, post: Post) -> str:
    data = to_json(post)
    buttons = [{"action": b.action, "label": b.label, "style": b.style} for b in post.buttons]
    files = [
        {"name": f.name, "url": f"/local/attachments/{message_id}/{n}", "path": f.path, "type": f.media_type}
        for n, f in enumerate(post.files)
    ]
    card = {"tone": data["card"]["tone"], "countdown": data["card"]["countdown"]} if data["card"] else None
    body = {"buttons": buttons, "mentions": [m.person for m in post.mentions], "files": files, "card": card}
    return json.dumps(body, ensure_ascii=False)


def _offered(post: Post, before: list[str]) -> str:
    return json.dumps([*before, *(b.action for b in post.buttons if b.action not in before)], ensure_ascii=False)


def after(session: Session, cursor: int, chat: str | None = None) -> list[Spoken]:
    """Messages behind ``cursor``, oldest first, of one chat or of all."""
    query = select(_table).where(_table.c.cursor > cursor).order_by(_table.c.cursor).limit(PAGE)
    if chat is not None:
        query = query.where(_table.c.chat == chat)
    return [_spoken(row) for row in session.connection().execute(query)]


def last_cursor(session: Session) -> int:
    """Where the newest message stands."""
    newest: int = session.connection().execute(select(func.coalesce(func.max(_table.c.cursor), 0))).scalar_one()
    return newest


def _spoken(row: Row[Any]) -> Spoken:
    body = json.loads(row.body)
    shown = {
        "id": row.id,
        "at": row.at.isoformat(),
        "user": row.user,
        "text": row.text,
        "reply_to": row.reply_to,
        "buttons": body.get("buttons", []),
        "mentions": body["mentions"],
        "files": [{"name": f["name"], "url": f["url"]} for f in body["files"]],
        "card": body.get("card"),
        "updated": row.updated,
    }
    return Spoken(row.cursor, row.chat, shown)


@dataclass(frozen=True, slots=True)
class Offer:
    """A message that can be tapped: where it stands and which actions it ever offered."""

    chat: str
    actions: tuple[str, ...]


def offer(session: Session, message_id: str) -> Offer | None:
    """What a tap on ``message_id`` may do."""
    row = session.connection().execute(select(_table.c.chat, _table.c.offered).where(_table.c.id == message_id)).first()
    return Offer(row.chat, tuple(json.loads(row.offered))) if row else None


def attachment(session: Session, message_id: str, number: int) -> tuple[str, str, str] | None:
    """(path below the state folder, name, media type) of a post's file."""
    body = session.connection().execute(select(_table.c.body).where(_table.c.id == message_id)).scalar()
    files = json.loads(body)["files"] if body else []
    if not 0 <= number < len(files) or "path" not in files[number]:
        return None
    return files[number]["path"], files[number]["name"], files[number]["type"]
