"""How a post reaches Mattermost: by the bot account, else by the channel's incoming webhook."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.adapters.common.files import contents
from bot.adapters.common.http import Http, marked
from bot.adapters.common.ingress import Ingress
from bot.adapters.common.mentions import mentioned
from bot.adapters.mattermost.api import ID, Api, certain
from bot.adapters.mattermost.buttons import Buttons
from bot.adapters.mattermost.codes import check
from bot.adapters.mattermost.format import formatted
from bot.adapters.mattermost.settings import MattermostHook
from bot.core.content import Attachment, Op, Post
from bot.core.errors import Gone, Rejected
from bot.core.ports import Capabilities, Outgoing


class Poster:
    """Sends what the outbox holds. ``api`` is None without a bot account, ``buttons`` where posts carry none."""

    def __init__(
        self,
        http: Http,
        api: Api | None,
        hooks: Mapping[str, MattermostHook],
        buttons: Buttons | None,
        ingress: Ingress,
        state_dir: Path,
    ) -> None:
        self._http = http
        self._api = api
        self._hooks = hooks
        self._buttons = buttons
        self._ingress = ingress
        self._state_dir = state_dir

    async def send(self, out: Outgoing, can: Capabilities) -> str:
        """Send or change one post; its id."""
        text = marked(out, can)
        if self._api is None:
            return await self._by_hook(out, text)
        if out.op is Op.UPDATE and out.message is None:
            raise Rejected("the message to update was never sent")
        channel = await certain(self._api.direct(out.address)) if out.direct else out.address
        content = {
            "message": formatted(text, await self._usernames(self._api, out.post)),
            "props": {"attachments": self._attachments(out, channel)},
        }
        if out.op is Op.UPDATE and out.message is not None:
            await self._change(self._api, out.message, content)
            return out.message
        files = [await certain(self._upload(self._api, channel, file)) for file in out.post.files]
        place = {"channel_id": channel, "root_id": _thread(out.reply_to), "file_ids": files}
        return await self._api.post(place | content, out.client_key)

    async def _change(self, api: Api, post: str, content: dict[str, Any]) -> None:
        """Change a post; the server refuses one that was deleted as it refuses one of somebody else's, so it is looked for."""
        try:
            await api.patch(post, content)
        except Rejected as error:
            found = await certain(api.look(post))
            if found is not None and found.get("delete_at"):
                raise Gone(error.reason) from None
            raise

    async def _by_hook(self, out: Outgoing, text: str) -> str:
        hook = self._hooks.get(out.chat)
        if hook is None:
            raise Rejected("no webhook for this chat")
        body = {"text": formatted(text, {}), "attachments": self._attachments(out, out.address)}
        check(await self._http.json("POST", hook.url.get_secret_value(), json=body))
        return f"hook:{out.client_key}"

    def _attachments(self, out: Outgoing, channel: str) -> list[dict[str, Any]]:
        if self._buttons is None:
            return []
        return self._buttons.attachments(out.post, out.client_key, channel, direct=out.direct)

    async def _usernames(self, api: Api, post: Post) -> dict[str, str]:
        people = mentioned(post, self._ingress.runtime.site(), self._ingress.platform)
        found = {name: await certain(api.username(account)) for name, account in people}
        return {name: username for name, username in found.items() if username}

    async def _upload(self, api: Api, channel: str, file: Attachment) -> str:
        data = await contents(self._state_dir, file)
        return await api.upload(channel, file.name, file.media_type, data)


def _thread(reply_to: str | None) -> str:
    """The message to hang an answer under; a command was no post."""
    return reply_to if reply_to and ID.fullmatch(reply_to) else ""
