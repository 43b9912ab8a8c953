"""``/help`` and ``/ping``, and the answer to what nobody else took: what this person may do here, and whether the bot is alive."""

from bot.core.events import Command, Message
from bot.work.arguments import takes, text
from bot.work.routes import Args, Routes
from bot.work.understanding import Understanding
from bot.work.work import Work
from handlers.help import answers, menu

on = Routes("help")


@on.command("help", "帮助", strangers=True)
@takes(text())
def show_help(event: Command, work: Work, asked: str) -> None:
    """Every command this person may give, by capability; ``/help runs`` one capability in full, ``/help restart`` one command."""
    menu.show(work, event.envelope, asked)


@on.command("ping", "在吗", args=Args.TEXT, strangers=True, usage="…")
def ping(event: Command, work: Work) -> None:
    """Answer ``pong TEXT`` through inbox, transaction and outbox: how people and monitors see that the bot is alive."""
    if not event.rest:
        answers.hello(work, event.envelope, alive=True)
        return
    work.say("help/pong", event.envelope.chat, reply_to=event.envelope.key, text=event.rest)


@on.message()
def untaken(event: Message, line: Understanding, work: Work) -> bool:
    """Nothing that is said to the bot is met with silence (decisions: Hearing)."""
    return answers.untaken(event, line, work)


@on.command("bind", "绑定", strangers=True)
def bind(event: Command, work: Work) -> None:
    """What stands in ``chats.yaml`` and ``people.yaml`` for this chat and this account, or the lines to put there."""
    envelope = event.envelope
    chat = work.site.chat(envelope.chat)
    if chat is None:
        raise LookupError(f"no chat {envelope.chat}")
    work.say(
        "help/bind",
        envelope.chat,
        reply_to=envelope.key,
        chat=chat,
        place=work.site.address(chat, envelope.account.platform),
        account=envelope.account,
        person=work.actor,
    )
