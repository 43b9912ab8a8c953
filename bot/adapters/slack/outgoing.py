"""How a post reaches Slack: posted once or changed in place, in its thread, its files behind it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.adapters.common.http import REPEATED
from bot.adapters.common.ingress import Ingress
from bot.adapters.common.mentions import mentioned
from bot.adapters.slack.api import Api
from bot.adapters.slack.codes import Foreign, Refused, Unauthorised
from bot.adapters.slack.files import share
from bot.adapters.slack.format import content
from bot.adapters.slack.ids import MessageId, parse
from bot.core.content import Op, Post
from bot.core.errors import Gone, Rejected, Temporary
from bot.core.ports import Outgoing

EVENT_TYPE = "zhiban"  # of the metadata that carries the client key
LOOK_BACK = timedelta(hours=8)  # longer than a message is tried for
_PAGES = 5  # of 200 messages
_MESSAGE_GONE = {"message_not_found", "edit_window_closed"}
_THREAD_GONE = {"thread_not_found", "invalid_thread_ts", "cannot_reply_to_message"}


class Poster:
    """Sends what the outbox holds. What may stand there already is looked for by its client key before it goes again."""

    def __init__(self, api: Api, ingress: Ingress, state_dir: Path, *, may_look: bool) -> None:
        self._api = api
        self._ingress = ingress
        self._state_dir = state_dir
        self._may_look = may_look  # into channels; into a person's own chat it always may

    async def send(self, out: Outgoing) -> str:
        """Post or update; the platform's id of the message."""
        if out.op is Op.UPDATE:
            return await self._update(out)
        quoted = parse(out.reply_to)
        message, from_before = await self._once(out, quoted.root if quoted else "")
        if out.post.files:
            await self._share(out, message, look=from_before)
        return str(message)

    async def _share(self, out: Outgoing, message: MessageId, *, look: bool) -> None:
        """The files of a message that stands already: what goes wrong now must not post that again."""
        try:
            await share(self._api, message, out.post.files, self._state_dir, look=look)
        except (Unauthorised, Foreign) as error:
            raise Rejected(f"files: {error.reason}") from None
        except Temporary as error:
            if not (out.direct or self._may_look):
                raise Rejected(f"files: {error.reason}") from None
            raise Temporary(error.reason, error.retry_after, uncertain=True) from None

    async def _update(self, out: Outgoing) -> str:
        message = parse(out.message)
        if message is None:
            raise Rejected("the message to update has no id of Slack's")
        try:
            await self._api.call("chat.update", channel=message.channel, ts=message.ts, **self._content(out.post))
        except Refused as error:
            if error.reason in _MESSAGE_GONE:
                raise Gone(error.reason) from None
            raise
        return str(message)

    async def _once(self, out: Outgoing, thread: str) -> tuple[MessageId, bool]:
        """The message, posted now or found from before; marked where the app cannot look (no history scope)."""
        mark = ""
        if out.repeated:
            try:
                found = await self._posted_before(out, thread)
            except (Refused, Unauthorised, Foreign):
                mark = REPEATED
            else:
                if found is not None:
                    return found, True
        try:
            return await self._post(out, thread, mark), False
        except Refused as error:
            if not thread or error.reason not in _THREAD_GONE:
                raise
            return await self._post(out, "", mark), False

    async def _post(self, out: Outgoing, thread: str, mark: str) -> MessageId:
        arguments: dict[str, Any] = {
            "channel": out.address,
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": out.client_key}},
        }
        if thread:
            arguments["thread_ts"] = thread
        answer = await self._api.call("chat.postMessage", **arguments, **self._content(out.post, mark))
        return MessageId(str(answer.get("channel") or out.address), str(answer.get("ts", "")), thread)

    async def _posted_before(self, out: Outgoing, thread: str) -> MessageId | None:
        """The message that carries this client key, newest pages first; None when it never arrived."""
        channel = out.address
        if out.direct:
            opened = (await self._api.call("conversations.open", users=out.address)).get("channel")
            if not isinstance(opened, dict):
                raise Foreign("conversations.open: no channel")
            channel = str(opened.get("id"))
        oldest = (self._ingress.wall() - LOOK_BACK).timestamp()
        query = {"channel": channel, "oldest": f"{oldest:.6f}", "limit": "200", "include_all_metadata": "true"}
        method = "conversations.replies" if thread else "conversations.history"
        if thread:
            query["ts"] = thread
        for _ in range(_PAGES):
            answer = await self._api.form(method, **query)
            if not isinstance(answer.get("messages"), list):
                raise Foreign(f"{method}: no messages")
            for message in answer["messages"]:
                if _key(message) == out.client_key:
                    return MessageId(channel, str(message["ts"]), thread)
            query["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not query["cursor"]:
                break
        return None

    def _content(self, post: Post, mark: str = "") -> dict[str, Any]:
        people = mentioned(post, self._ingress.runtime.site(), self._ingress.platform)
        return content(mark + post.text, people, post.buttons)


def _key(message: dict[str, Any]) -> Any:
    metadata = message.get("metadata") or {}
    return metadata.get("event_type") == EVENT_TYPE and (metadata.get("event_payload") or {}).get("key")
