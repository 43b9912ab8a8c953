"""What a reporter's words do to his own ticket: take it back, say yes or no, ask after it (decisions: Ends)."""

from bot.work.understanding import Act, Understanding
from bot.work.work import Work
from handlers.faults import asking, chasing, closing, intake, rules, store
from handlers.faults.heard import Heard
from handlers.faults.model import Happening, Ticket
from handlers.triage.understand import as_fault


def follow(work: Work, said: Heard, tickets: list[Ticket]) -> bool:
    """Applies a line to the one of somebody's open tickets that it is about; says whether it did anything.

    A yes or a no is about the ticket that is asked about, if there is one.
    """
    questions = [ticket for ticket in tickets if store.asked(work, ticket) is not None]
    ticket = (questions or tickets)[0]
    line, envelope = said.line, said.envelope
    asked, own = bool(questions), bool(store.reported_by(work, [ticket], said.who))
    if own and line.does(Act.WITHDRAW):
        _take_back(work, ticket, said, asked=asked)
    elif own and _says_no(line):
        _say_no(work, ticket, said, asked=asked)
    elif own and asked and (line.does(Act.END) or line.does(Act.CONFIRM)):
        closing.resolve(work, ticket, work.actor, envelope, sure=not line.hedged)
    elif line.does(Act.END):
        asking.ask(work, ticket, envelope)
    elif line.does(Act.CHASE):
        chasing.chased(work, ticket, said)
    else:
        return False
    return True


def after_the_end(work: Work, said: Heard) -> bool:
    """Hears a plain yes or no of somebody whose ticket was closed lately; says whether there was one."""
    line, since = said.line, work.now - rules.NOT_OVER
    says_no, says_yes = _says_no(line), line.does(Act.END) or line.does(Act.CONFIRM)
    ended = store.last_resolved(work, said.envelope.chat, since) if says_no or says_yes else None
    if ended is None or not store.reported_by(work, [ended], said.who):
        return False
    if says_no and not ended.confirmed:
        closing.still_broken(work, ended, said.envelope, line.words)
    elif says_no:
        again = as_fault(line, ended.system)
        intake.fault(work, said.envelope, again)
    elif not ended.confirmed and not line.hedged and not ended.joined:
        store.change(work, ended, confirmed=True)
    return True


def _says_no(line: Understanding) -> bool:
    return line.does(Act.RELAPSE) and not line.does(Act.END)


def _take_back(work: Work, ticket: Ticket, said: Heard, *, asked: bool) -> None:
    """Once somebody called it done, "不用了" is a yes."""
    if asked:
        closing.resolve(work, ticket, work.actor, said.envelope)
    else:
        closing.withdraw(work, ticket, said.envelope)


def _say_no(work: Work, ticket: Ticket, said: Heard, *, asked: bool) -> None:
    """Where nothing was called done, "还没好" asks after it."""
    if asked:
        store.note(work, ticket, Happening.CHASED, said.envelope.sent_at, said.who, said.envelope.key)
        closing.still_broken(work, ticket, said.envelope, said.line.words)
    else:
        chasing.chased(work, ticket, said)
