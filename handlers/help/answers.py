"""What is said to the bot and taken by nobody: a greeting, thanks, words that it cannot read. One considerate line each."""

import mimetypes
import re
from collections.abc import Sequence

from bot.core.events import Envelope, FileRef, Message
from bot.core.menu import given_by, nearest
from bot.core.people import Reach
from bot.work.sent_files import typed_name
from bot.work.understanding import Act, Understanding
from bot.work.work import Work
from handlers.help import menu

_SHOWN = re.compile("image/|audio/|video/")


def untaken(event: Message, line: Understanding, work: Work) -> bool:
    """Answer whoever called the bot, or wrote to it alone; a bare call is a call for help."""
    chat = work.site.chat(event.envelope.chat)
    if chat is None or chat.reach is Reach.MANUAL or not (event.to_bot or chat.private):
        return False
    if not line.words and not event.files:
        menu.show(work, event.envelope)
    elif line.greets:
        hello(work, event.envelope)
    elif line.does(Act.THANK):
        work.say("help/welcome_back", event.envelope.chat, reply_to=event.envelope.key)
    else:
        _not_understood(work, event.envelope, line, unread=not line.text, files=event.files)
    return True


def hello(work: Work, envelope: Envelope, *, alive: bool = False) -> None:
    """``alive``: asked by ``/ping``, whose answer people and monitors look for."""
    work.say(
        "help/hello",
        envelope.chat,
        reply_to=envelope.key,
        alive=alive,
        staff=_is_staff(work),
        call=work.call(envelope.chat),
    )


def _not_understood(
    work: Work, envelope: Envelope, line: Understanding, *, unread: bool, files: tuple[FileRef, ...]
) -> None:
    """``files``: one that staff sends may be meant for a command that takes one."""
    first = next(iter(line.text.split()), "")
    handed_in = _for_a_command(files) if unread and _is_staff(work) else ""
    work.say(
        "help/not_understood",
        envelope.chat,
        reply_to=envelope.key,
        unread=unread,
        handed_in=handed_in,
        example=_with_file(work, handed_in) if handed_in else "",
        nearest=nearest(first, work.menu, work.actor) if first.isascii() else None,
        staff=_is_staff(work),
        call=work.call(envelope.chat),
    )


def _for_a_command(files: Sequence[FileRef]) -> str:
    """How the first file is named in a command; empty for what people show others, and for what cannot be fetched."""
    named = (file for file in files if file.key and not _SHOWN.match(mimetypes.guess_type(file.name)[0] or ""))
    return next((typed_name(file.name) for file in named), "")


def _with_file(work: Work, name: str) -> str:
    """A command of this organisation that takes a file, with this one; empty where the person may give none."""
    forms = (form for item in given_by(work.actor, work.menu) for form in item.forms if form.file)
    form = next(forms, None)
    return " ".join(name if word == form.file else word for word in form.line.split()) if form else ""


def _is_staff(work: Work) -> bool:
    """Whether somebody has a part at the desk; the others are there to report."""
    return work.actor is not None and bool(work.actor.roles)
