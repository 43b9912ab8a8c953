"""What is said of a ticket in every message about it: names as people know them, who answers, and the words that count."""

import re
from dataclasses import dataclass
from typing import Any

from bot.core.people import Person
from bot.work.understanding import Scope
from bot.work.work import Work
from handlers.faults import store
from handlers.faults.model import Event, Happening, State, Ticket

WORDS = 120
"""Characters of a report that are repeated to others; a phone shows them without scrolling."""
WHOLE = 1000
"""Characters of words that whoever they are for can read nowhere else."""
SHORT = 40
"""Characters of each report in a list of them."""
_UNSEEN = re.compile("[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINK = re.compile(r"https?://([A-Za-z0-9.:_-]+)[!-~]+")


def system_name(work: Work, ticket: Ticket) -> str:
    """The system as people call it; the route's name where no system is meant."""
    return work.site.systems.get(ticket.system or "") or work.site.routes[ticket.route.value].name


def one_line(text: str, most: int = WORDS) -> str:
    """Gives a report as one line of at most ``most`` characters, without control characters that change the reading direction."""
    line = " ".join(_UNSEEN.sub(" ", text).split())
    if len(line) > most:  # of an address its host is enough, what was said of it is not
        line = _LINK.sub(r"\1/…", line)
    return line if len(line) <= most else line[: most - 1] + "…"


def name_of_chat(work: Work, chat_id: str) -> str:
    """The group's name; somebody's direct chat by his name."""
    chat = work.site.chat(chat_id)
    return chat.name if chat else chat_id


def chat_name(work: Work, ticket: Ticket) -> str:
    """The name of the ticket's group."""
    return name_of_chat(work, ticket.chat)


def engineer_of(work: Work, ticket: Ticket) -> Person:
    """Gives who owes the answer: the owner, else who was on duty at the opening, else the emergency contact."""
    return work.site.people.get(ticket.owner or ticket.engineer) or work.site.emergency


def settled_by(work: Work, ticket: Ticket) -> Person | None:
    """Gives who closed the ticket, else who answered it."""
    return work.site.people.get(ticket.closed_by or ticket.answered_by or "")


def spoke_last(work: Work, ticket: Ticket) -> Person | None:
    """Gives who answered the ticket, of one that was no fault who said so, of one that nobody answered who closed it."""
    who = ticket.closed_by if ticket.state is State.DISMISSED else ticket.answered_by
    return work.site.people.get(who or ticket.closed_by or "")


@dataclass(frozen=True, slots=True)
class Report:
    """Somebody's words about a ticket."""

    who: str
    words: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What is said of a ticket beside itself. ``who`` said ``words``: the report that made it urgent, else the first one,
    which is then ``first``. ``direct``: it was reported to the bot alone, so nobody can answer "in the group".
    """

    chat: str
    system: str
    route: str
    engineer: Person
    who: str
    words: str
    first: Report | None = None
    direct: bool = False


def ticket_facts(work: Work, ticket: Ticket) -> dict[str, Any]:
    """The facts that every message about a ticket has."""
    first = Report(ticket.reporter_name, one_line(ticket.text))
    urgent = _urgent_report(work, ticket)
    counts = urgent or first
    chat = work.site.chat(ticket.chat)
    return {
        "ticket": ticket,
        "summary": Summary(
            chat=chat_name(work, ticket),
            system=system_name(work, ticket),
            route=work.site.routes[ticket.route.value].name,
            engineer=engineer_of(work, ticket),
            who=counts.who,
            words=counts.words,
            first=first if urgent else None,
            direct=chat is not None and chat.private,
        ),
    }


def reports_of(work: Work, ticket: Ticket) -> list[Report]:
    """The words of those who joined a ticket, oldest first; a bare "+1" and an earlier version's reports have none."""
    return [_report(event) for event in store.happened(work, ticket, Happening.JOINED) if event.detail.get("words")]


def further_reports(work: Work, ticket: Ticket) -> list[Report]:
    """The same without the one whose words are the ticket's own since it became urgent."""
    counts = _urgent_report(work, ticket)
    return [report for report in reports_of(work, ticket) if report != counts]


def _urgent_report(work: Work, ticket: Ticket) -> Report | None:
    if ticket.severity != Scope.WIDE:
        return None
    raised = [event for event in store.happened(work, ticket, Happening.RAISED) if event.detail.get("words")]
    return _report(raised[-1]) if raised else None


def _report(event: Event) -> Report:
    return Report(str(event.detail["name"]), one_line(str(event.detail["words"])))
