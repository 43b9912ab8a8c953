"""Where a chat lies, what can be done there, and in which language it is spoken to."""

from dataclasses import replace

from bot.core.content import Mention, Post
from bot.core.people import Chat, Person, Reach
from bot.core.ports import Capabilities, Hears
from bot.work.runtime import Runtime
from data.site import LOCAL, Site


class Addressing:
    """As seen by ``actor``, who just spoke on ``platform``; nobody for a timer."""

    def __init__(self, runtime: Runtime, site: Site, actor: Person | None, platform: str | None) -> None:
        self._runtime = runtime
        self._site = site
        self._actor = actor
        self._platform = platform

    def chat(self, to: str) -> Chat:
        """The chat of this id (``dm-PERSON`` for one person). Raises ``LookupError``: our own mistake."""
        chat = self._site.chat(to)
        if chat is None:
            raise LookupError(f"no chat {to}")
        return chat

    def platform_of(self, chat: Chat, beside: str = "") -> str:
        """Where a chat is: somebody's direct chat on the platform he just spoke on, else on the first where he has an account.

        ``beside``: a platform that is taken for a direct chat only where there is no other way.
        """
        if not chat.person:
            return chat.platform
        enabled = self._runtime.settings.adapters
        if self._actor is not None and self._actor.id == chat.person and self._platform in enabled:
            return str(self._platform)
        local_last = sorted(enabled, key=lambda name: (name == beside, name == LOCAL))  # there everybody has an account
        return next((name for name in local_last if self._site.account_of(chat.person, name)), enabled[0])

    def capabilities(self, chat: Chat) -> Capabilities:
        return self._runtime.capabilities(self.platform_of(chat), chat)

    def call(self, chat: Chat) -> str:
        """What people must write first to be heard in that group (``@值班``); empty where everything is heard, or nothing."""
        can = self.capabilities(chat)
        unheard = chat.private or chat.reach is Reach.MANUAL or can.hears is not Hears.MENTIONS
        return "" if unheard else can.call

    def reached(self, chat: Chat, content: Post) -> tuple[Chat, Post]:
        """The chat, or for somebody without an account on any platform the duty room, with his name in front."""
        person = self._site.people.get(chat.person or "")
        room, enabled = self._site.duty_room, self._runtime.settings.adapters
        if person is None or room is None or any(self._site.account_of(person.id, p) for p in enabled):
            return chat, content
        called = f"@{person.name}\n{content.text}"
        return room, replace(content, text=called, mentions=(Mention(person.id, person.name), *content.mentions))

    def locale_of(self, chat: Chat) -> str:
        """A person's own language in his direct chat, else the house's."""
        person = self._site.people.get(chat.person) if chat.person else None
        return (person.locale if person else None) or self._runtime.settings.locale
