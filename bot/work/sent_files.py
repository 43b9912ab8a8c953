"""The files that a person has sent lately, in whatever chat; what is in them is fetched when it is needed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.core.events import FileRef, Message
from bot.storage import inbox_rows
from bot.storage.store import Session
from bot.work.envelopes import unpack_row
from data.site import Site

_ODD = re.compile(r"[^A-Za-z0-9_.+-]+", re.ASCII)


def typed_name(name: str) -> str:
    """How a file is named in a command: words of commands are ASCII and have no blanks."""
    return _ODD.sub("_", name).strip("_.+-") or "file"


@dataclass(frozen=True, slots=True)
class SentFile:
    """``message`` names the message within its platform."""

    platform: str
    message: str
    file: FileRef


def sent_by(session: Session, site: Site, person: str, since: datetime) -> Iterator[SentFile]:
    """The newest first."""
    for event in map(unpack_row, inbox_rows.with_files(session, since)):
        sender = site.person_of(event.envelope.account)
        if isinstance(event, Message) and sender is not None and sender.id == person:
            for file in reversed(event.files):
                yield SentFile(event.envelope.account.platform, event.envelope.key, file)
