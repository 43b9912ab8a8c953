"""What an engineer says to the bot alone about faults that wait: nobody else hears it, so only a plain "收到" answers anybody."""

from collections.abc import Sequence

from bot.core.errors import UserError
from bot.core.people import Person
from bot.work.understanding import Understanding
from bot.work.work import Work
from handlers.faults import rules, store
from handlers.faults.model import NUMBER, Ticket


def named(work: Work, line: Understanding) -> Ticket | None:
    """The one ticket whose number stands in a line."""
    found = dict.fromkeys(NUMBER.findall(line.words.upper()))
    return store.get(work, next(iter(found))) if len(found) == 1 else None


def hands_on(work: Work, line: Understanding) -> bool:
    """Whether a line leaves something to a colleague by his name: "让周予安处理"."""
    return _colleague(work, line) is not None


def check_takes(work: Work, line: Understanding, waiting: Sequence[Ticket], *, quoted: bool = False) -> None:
    """Raises ``UserError`` where a line does not say that he takes it, with what to type instead; below a page that he quotes
    (``quoted``; a number in the line is none) any words do but those that leave it to somebody else."""
    number = waiting[0].number if len(waiting) == 1 else ""
    check_hands_on(work, line, [number] if number else [])
    if line.leaves or not (quoted or line.takes):
        raise UserError("not_taken", number=number)


def check_hands_on(work: Work, line: Understanding, numbers: Sequence[str]) -> None:
    """Raises ``UserError`` where a line leaves it to a colleague by his name, with what hands those tickets over."""
    colleague = _colleague(work, line)
    if colleague is not None:
        raise UserError("hand_over_in_words", numbers=list(numbers), colleague=colleague)


def _colleague(work: Work, line: Understanding) -> Person | None:
    """Whom a line that leaves it to somebody names: "让周予安处理", "转周予安"."""
    others = (person for person in work.site.people.values() if person.may(*rules.STAFF) and person != work.actor)
    named = [person for person in others if person.name in line.words]
    gives = line.leaves or any(f"{verb}{person.name}" in line.words for verb in "转派交" for person in named)
    return named[0] if named and gives else None
