"""What a reporter's words do to his own ticket: take it back, say yes or no, ask after it (decisions: Ends)."""

from collections.abc import Sequence

from bot.work.understanding import Act, Understanding
from bot.work.work import Work
from handlers.faults import answers, asking, buttons, cards, chasing, closing, intake, reporters, rules, store
from handlers.faults.heard import Heard
from handlers.faults.model import Happening, State, Ticket
from handlers.triage.understand import as_fault, means_all, of_other_things


def follow(work: Work, said: Heard, tickets: list[Ticket]) -> bool:
    """Applies a line to the one of somebody's open tickets that it is about; says whether it did anything.

    A yes or a no is about the ticket that is asked about, if there is one; of several any word is about the one he spoke of last;
    "都好了" is about all that are.
    """
    if len(tickets) > 1:
        tickets = sorted(tickets, key=lambda ticket: reporters.spoke_at(work, ticket, said.who), reverse=True)
    withdraws = said.line.does(Act.WITHDRAW)
    questions = [ticket for ticket in tickets if store.asked(work, ticket) is not None]
    first, *others = tickets if withdraws else questions or tickets
    did = _follow(work, said, first, asked=first in questions)
    if did and means_all(said.line.text) and (_says_yes(said.line) or withdraws):
        for ticket in others:
            _follow(work, said, ticket, asked=ticket in questions)
    elif did and withdraws and others and said.envelope.chat == first.chat:
        _say_which(work, said, first, others)
    return did


def _say_which(work: Work, said: Heard, ticket: Ticket, others: Sequence[Ticket]) -> None:
    """Which of several somebody took back, so that he sees a wrong guess."""
    now = store.get(work, ticket.number) or ticket
    if now.state is State.WITHDRAWN:
        open_still = [other.number for other in others]
        cards.post_to_group(work, now, "faults/withdrawn", said.envelope.key, others=open_still)


def _follow(work: Work, said: Heard, ticket: Ticket, *, asked: bool) -> bool:
    line, envelope = said.line, said.envelope
    own = bool(store.reported_by(work, [ticket], said.who))
    if own and line.does(Act.WITHDRAW):
        _take_back(work, ticket, said, asked=asked)
    elif own and asked and _says_no(line):
        closing.still_broken(work, ticket, envelope, line.words)
    elif own and line.does(Act.RELAPSE) and not line.does(Act.END):
        _goes_on(work, ticket, said)
    elif own and asked and _says_yes(line):
        closing.resolve(work, ticket, work.actor, envelope, sure=not line.hedged)
    elif line.does(Act.END):
        asking.ask(work, ticket, envelope)
    elif line.does(Act.CHASE):
        chasing.chased(work, ticket, said)
    else:
        return False
    return True


def _goes_on(work: Work, ticket: Ticket, said: Heard) -> None:
    """It does not work yet, and nobody had asked: whoever works on it hears that, else it is as if he asked after it."""
    if not intake.goes_on(work, ticket):
        chasing.chased(work, ticket, said)
        return
    store.note(
        work, ticket, Happening.CHASED, said.envelope.sent_at, said.who, said.envelope.key, words=said.line.words
    )
    intake.add(work, ticket, said.envelope, said.line)


def follow_alone(work: Work, said: Heard) -> bool:
    """Hears what somebody says to the bot alone about what he reported in a group, and tells him there what came of it."""
    here, _ = store.open_tickets(work, store.MANY, person=said.who)
    his = [ticket for ticket in store.reported_by(work, here, said.who) if ticket.fault]
    asked = {ticket.number for ticket in his if store.asked(work, ticket) is not None}
    if not his or not follow(work, said, answers.tickets_meant(his, said.line)):
        return False
    for before in his:
        now = store.get(work, before.number) or before
        question = store.asked(work, now)
        if not now.state.open:
            cards.post_to_chat(work, now, "faults/done", said.envelope.chat, moved=False)
        elif question is not None and question.message == said.envelope.key:
            cards.post_to_chat(work, now, "faults/asked_there", said.envelope.chat)
        elif question is None and now.number in asked:
            cards.post_to_chat(work, now, "faults/noted", said.envelope.chat, forward=None)
    return True


def no_of_another(work: Work, said: Heard) -> bool:
    """Hears that it is not over from somebody of the group who had not reported it, while the group is asked; says whether he
    did. A bare "没有" is an answer to whoever was asked, and his may be to something else."""
    if not said.line.does(Act.RELAPSE) or said.line.does(Act.END) or of_other_things(said.line.text):
        return False
    questions = [ticket for ticket in said.tickets if ticket.fault and store.asked(work, ticket) is not None]
    for ticket in answers.tickets_meant(questions, said.line)[:1]:
        intake.join(work, ticket, said.envelope, said.line, again=True)
    return bool(questions)


def after_the_end(work: Work, said: Heard) -> bool:
    """Hears a yes or no of somebody whose ticket was closed lately; says whether there was one. A bare "没有" hours later is
    about something else."""
    line = said.line
    says_no, says_yes = _says_no(line), _says_yes(line)
    lately = rules.CONTRADICTED if says_yes or line.does(Act.DENY) else rules.NOT_OVER
    ended = store.last_resolved(work, said.envelope.chat, work.now - lately) if says_no or says_yes else None
    if ended is None or not store.reported_by(work, [ended], said.who):
        return False
    if says_no and not ended.confirmed:
        closing.still_broken(work, ended, said.envelope, line.words)
    elif line.does(Act.RELAPSE) and says_no:
        intake.fault(work, said.envelope, as_fault(line, ended.system))
    elif says_yes and not ended.confirmed and not line.hedged:
        store.note(work, ended, Happening.WORKS, said.envelope.sent_at, said.who, said.envelope.key)
        if not reporters.others_not_well(work, ended, said.who):
            buttons.end(work, store.change(work, ended, confirmed=True) or ended)
    else:
        return False
    return True


def _says_no(line: Understanding) -> bool:
    return (line.does(Act.RELAPSE) or line.does(Act.DENY)) and not line.does(Act.END)


def _says_yes(line: Understanding) -> bool:
    return line.does(Act.END) or line.does(Act.CONFIRM)


def _take_back(work: Work, ticket: Ticket, said: Heard, *, asked: bool) -> None:
    """Once somebody called it done, "不用了" is a yes."""
    if asked:
        closing.resolve(work, ticket, work.actor, said.envelope)
    else:
        closing.withdraw(work, ticket, said.envelope, called=said.to_bot)
