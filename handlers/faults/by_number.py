"""What an engineer's line does to the tickets whose numbers stand in it ("收到 007", "003 好了，004 我来"), and to no others.

A number that is none of those he can mean is told him, and then the whole line does nothing: to stop the clock of another ticket
is worse than to ask (decisions: Truth).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.core.errors import Again, UserError
from bot.core.people import Person, Role
from bot.work.understanding import Act, Understanding
from bot.work.work import Work
from handlers.faults import answers, asking, naming, own_room, store
from handlers.faults.heard import Heard
from handlers.faults.model import State, Ticket
from handlers.triage import numbers

SHOWN = 5
"""Tickets of his that a refusal names."""


@dataclass
class _Meant:
    """What one part of a line says, and of which tickets; ``others`` are open and no matter of his."""

    line: Understanding
    tickets: list[Ticket] = field(default_factory=list)
    others: list[Ticket] = field(default_factory=list)
    ended: list[Ticket] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def found(self) -> list[Ticket]:
        return [*self.tickets, *self.others, *self.ended]


def named_of(work: Work, tickets: Sequence[Ticket], line: Understanding) -> list[Ticket]:
    """Those of somebody's tickets whose numbers stand in a line, or all of them where there is none of theirs."""
    if len(tickets) < 2:
        return list(tickets)
    found = naming.in_words([written.number for written in numbers.written(line)], work)
    named = {ticket.number for ticket in found.values() if ticket is not None}
    return [ticket for ticket in tickets if ticket.number in named] or list(tickets)


def heard_alone(work: Work, said: Heard, engineer: Person, *, direct: bool) -> bool | None:
    """Takes, ends or refuses what an engineer says by number in his own chat (``direct``) or the duty room; None where his line
    names no ticket or does nothing to one. In the duty room it is colleagues who hear him: there only what takes or ends counts."""
    if said.elsewhere:
        return None
    parts = numbers.parts(said.line)
    counts = [part for part in parts if _does(work, part.line, direct=direct)]
    if not counts:
        return None
    meant = [_meant(work, part, engineer, sure=direct and said.quoted is None) for part in counts]
    meant = [each for each in meant if each.found or each.missing]
    if not meant or _quotes_the_same(said, meant):
        return None
    for each in meant:
        if own_room.hands_on(work, each.line) and not (each.missing or each.ended):
            own_room.check_hands_on(work, each.line, [ticket.number for ticket in each.found])
    _check_his(work, engineer, meant)
    _check_taken(meant)
    for each in meant:
        for ticket in each.tickets:
            _take_or_end(work, ticket, engineer, replace(said, line=each.line))
    return True


def heard_in_group(work: Work, said: Heard) -> list[Heard] | None:
    """An engineer's line in a group, for each of its open tickets that he names what he says of it; None where he names none."""
    if said.elsewhere:
        return None
    found: list[_Meant] = []
    for part in numbers.parts(said.line):
        line = part.line if _acts(part.line) else said.line
        if not _acts(line):
            continue
        meant = _Meant(replace(line, also=(*line.also, Act.ANSWER)) if line.takes else line)
        for written, ticket in _tickets(work, part):
            if ticket is not None and ticket.state.open and ticket.chat == said.envelope.chat:
                meant.tickets.append(ticket)
            elif written.beside and (written.plain or (ticket is not None and ticket.state.open)):
                meant.missing.append(written.number)
        if meant.tickets or meant.missing:
            found.append(meant)
    if not found or _quotes_the_same(said, found):
        return None
    missing = [number for meant in found for number in meant.missing]
    if missing and said.tickets:
        raise UserError("not_here", written=missing, here=[ticket.number for ticket in said.tickets[:SHOWN]])
    return [replace(said, line=meant.line, tickets=meant.tickets, quoted=None) for meant in found if meant.tickets]


def _acts(line: Understanding) -> bool:
    return line.takes or any(line.does(act) for act in (Act.ANSWER, Act.END, Act.PROBE, Act.RELAPSE))


def _does(work: Work, line: Understanding, *, direct: bool) -> bool:
    if line.does(Act.END) or (line.takes and not line.leaves):
        return True
    return direct and (line.does(Act.ANSWER) or own_room.hands_on(work, line))


def _tickets(work: Work, part: numbers.Part) -> Iterable[tuple[numbers.Written, Ticket | None]]:
    found = naming.in_words([written.number for written in part.numbers], work)
    return [(written, found.get(written.number)) for written in part.numbers]


def _meant(work: Work, part: numbers.Part, engineer: Person, *, sure: bool) -> _Meant:
    """``sure``: he says it to the bot alone and quotes nothing, so that a number beside his words is a ticket's though there is
    none of it."""
    meant = _Meant(part.line)
    for written, ticket in _tickets(work, part):
        his = ticket is not None and ticket.state.open and (written.whole or _concerns(work, ticket, engineer))
        if ticket is not None and his:
            meant.tickets.append(ticket)
        elif not (written.plain or (written.beside and (sure or ticket is not None))):
            continue
        elif ticket is None:
            meant.missing.append(written.number)
        else:
            (meant.others if ticket.state.open else meant.ended).append(ticket)
    return meant


def _concerns(work: Work, ticket: Ticket, person: Person) -> bool:
    """Whether a ticket is a matter of his: he has it, was told of it, or leads those who were."""
    return (
        person.id in {ticket.owner, ticket.engineer} or person.may(Role.LEAD) or store.was_told(work, ticket, person.id)
    )


def _quotes_the_same(said: Heard, meant: Sequence[_Meant]) -> bool:
    """Whether a line names the one ticket that it quotes; raises ``UserError`` where it names others only."""
    if said.quoted is None:
        return False
    named = [ticket.number for each in meant for ticket in each.found]
    if said.quoted.number not in named:
        written = [*named, *(number for each in meant for number in each.missing)]
        raise UserError("quotes_another", quoted=said.quoted.number, written=written)
    return named == [said.quoted.number]


def _check_his(work: Work, engineer: Person, meant: Sequence[_Meant]) -> None:
    """Raises ``UserError`` for a number of no ticket that he can take or end."""
    others = [ticket for each in meant for ticket in each.others]
    for each in meant:
        if not each.line.does(Act.END):
            others += [t for t in each.tickets if t.state is State.ANSWERED and t.owner != engineer.id]
    ended = [ticket.number for each in meant for ticket in each.ended]
    missing = [number for each in meant for number in each.missing]
    if not (others or ended or missing):
        return
    raise UserError(
        "not_your_numbers",
        missing=missing,
        ended=ended,
        others=[(ticket, work.site.people.get(ticket.owner or "")) for ticket in others],
        waiting=[ticket.number for ticket in store.calling(work, engineer.id)[:SHOWN]],
        his=[ticket.number for ticket in store.owned(work, engineer.id)[:SHOWN]],
    )


def _check_taken(meant: Sequence[_Meant]) -> None:
    """Raises ``UserError`` where words do not take what waits, or only take what he has."""
    takes = [each for each in meant if not each.line.does(Act.END)]
    for each in takes:
        waiting = [ticket for ticket in each.tickets if ticket.state is State.WAITING]
        if waiting and (each.line.leaves or not each.line.takes):
            raise UserError("not_taken", number=waiting[0].number)
    his = [ticket for each in meant for ticket in each.tickets]
    if len(takes) == len(meant) and all(ticket.state is State.ANSWERED for ticket in his):
        raise Again("claimed_already", number=his[0].number)


def _take_or_end(work: Work, ticket: Ticket, engineer: Person, said: Heard) -> None:
    """What he calls over was taken by that at the latest."""
    if ticket.state is State.WAITING:
        answers.claim(work, ticket, engineer, said.envelope)
    if said.line.does(Act.END):
        asking.ask_elsewhere(work, store.get(work, ticket.number) or ticket, said.envelope, said.line.words)
