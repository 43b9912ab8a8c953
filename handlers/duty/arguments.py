"""What the commands of duty take: the word preview, a date, a group."""

from datetime import date

from bot.core.commands import plain
from bot.core.errors import UserError
from bot.core.events import Command
from bot.core.people import Chat
from bot.work.arguments import Argument
from bot.work.work import Work
from handlers.duty.dates import day_meant

_PREVIEW = {"preview", "预览"}


def today(work: Work) -> date:
    """The local date."""
    return work.site.local(work.now).date()


def _preview(word: str, _work: Work) -> str:
    if word.lower() not in _PREVIEW:
        raise UserError("announce_words")
    return word


def _not_said(_event: Command, _work: Work) -> str:
    raise UserError("announce_words")


def _day(words: str, work: Work) -> date:
    if " " in plain(words):
        raise UserError("announce_words")
    return day_meant(plain(words), today(work))


def _group(word: str, work: Work) -> Chat | None:
    return work.site.chats.get(word)


PREVIEW = Argument(_preview, _not_said)
DAY = Argument(_day, lambda _event, work: today(work), rest=True)
GROUP: Argument[Chat | None] = Argument(_group, lambda _event, _work: None)
