"""A reporter who named the wrong system: his one open ticket goes to whoever has the one that he means (decisions: Hearing)."""

from bot.core.people import Chat
from bot.work.understanding import Act
from bot.work.work import Work
from handlers.faults import cards, intake, paging, routing, store
from handlers.faults.heard import Heard
from handlers.faults.model import Happening, Ticket


def meant(work: Work, said: Heard, own: list[Ticket], chat: Chat) -> Ticket | None:
    """The one open ticket that a reporter corrects: of the system that he says it is not, where he says so.

    To the bot alone it is about what he reported in a group.
    """
    line = said.line
    if not line.does(Act.CORRECT) or line.subject is None or said.elsewhere:
        return None
    if not own and chat.private and not said.tickets:
        own, _ = store.open_tickets(work, store.MANY, person=said.who)
    his = [ticket for ticket in own if ticket.fault and ticket.reporter == said.who]
    wrong = [ticket for ticket in his if line.denies in {None, ticket.system} and ticket.system != line.subject]
    return wrong[0] if len(wrong) == 1 else None


def correct(work: Work, said: Heard, ticket: Ticket) -> None:
    """Sends the ticket where its system belongs, its clock running on; engineer and group read it once."""
    line, envelope = said.line, said.envelope
    read = intake.read(line)
    store.note(work, ticket, Happening.CHASED, envelope.sent_at, said.who, envelope.key, words=line.words, **read)
    moved = routing.correct(work, ticket, line.subject or ticket.system or "", said.who)
    paging.tell_added(work, moved, moved.reporter_name, line.words, own=True)
    if envelope.chat != moved.chat:
        cards.post_to_chat(work, moved, "faults/done", envelope.chat, reply_to=envelope.key, moved=True)
