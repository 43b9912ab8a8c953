"""How a post reaches DingTalk: by the group's custom robot, else by the enterprise robot."""

from bot.adapters.common.http import marked
from bot.adapters.common.ingress import Ingress
from bot.adapters.dingtalk.api import Api
from bot.adapters.dingtalk.format import At, with_mentions
from bot.adapters.dingtalk.robots import CustomRobots
from bot.core.content import Post
from bot.core.errors import Rejected
from bot.core.ports import Capabilities, Outgoing


class Poster:
    """Sends what the outbox holds. ``api`` is None where only custom robots are set up."""

    def __init__(self, api: Api | None, robots: CustomRobots, ingress: Ingress) -> None:
        self._api = api
        self._robots = robots
        self._ingress = ingress

    async def send(self, out: Outgoing, can: Capabilities) -> str:
        """Send one post. A custom robot answers no id, so the client key stands for it."""
        text = marked(out, can)
        if self._robots.has(out.chat):
            text, at = self._mentioning(text, out.post)
            await self._robots.send(out.chat, text, at)
            return f"robot:{out.client_key}"
        if self._api is None:
            raise Rejected("no robot for this chat")
        return await (self._api.to_person if out.direct else self._api.to_group)(out.address, text)

    def _mentioning(self, text: str, post: Post) -> tuple[str, At]:
        """By account, or by phone where there is none."""
        site = self._ingress.runtime.site()
        accounts: list[tuple[str, str]] = []
        phones: list[tuple[str, str]] = []
        for mention in post.mentions:
            person = site.people.get(mention.person)
            if account := site.account_of(mention.person, self._ingress.platform):
                accounts.append((mention.name, account))
            elif person and person.phone:
                phones.append((mention.name, person.phone))
        return with_mentions(text, accounts, phones)
