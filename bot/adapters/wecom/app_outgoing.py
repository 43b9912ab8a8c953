"""Posts as the self-built app shows them: text, a card where something can be pressed, files after it (WeCom 90236, 94888).

A card shows little, so a longer text goes before it as a message of its own. A card can be changed once for its sending and
once for each click; what cannot be shown that way any more is said anew where it changes how things stand, and left out where
it does not.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from bot.adapters.common.files import contents
from bot.adapters.common.http import REPEATED
from bot.adapters.wecom.api import Api
from bot.adapters.wecom.cards import MOST, TEXT, Card, headed, layout, message_id
from bot.adapters.wecom.format import app_text_bytes, as_app_text
from bot.adapters.wecom.last_said import Said, Shown, state_of
from bot.adapters.wecom.once import INTERVAL, Once
from bot.adapters.wecom.progress import Progress
from bot.core.content import Attachment, Button, Op, Post
from bot.core.errors import Rejected
from bot.core.fit import cut, utf8_bytes
from bot.core.ports import Capabilities, Outgoing, Rate

TEXT_BYTES = 2048
FILE_BYTES = 20 * 2**20
LEAST_BYTES = 6  # smaller files are refused
# The platform drops without a word what goes beyond 30 a minute and 1000 an hour to one member (WeCom 90454). A post may take
# two messages, so the half of it.
RATES = (Rate(15, 60), Rate(500, 3600))
_GREYED = {"done": "已结束", "open": "进行中"}


CAN = Capabilities(
    most_buttons=MOST,
    threads=False,
    mentions=False,
    text_limit=TEXT_BYTES - utf8_bytes(REPEATED),
    measure=app_text_bytes,
    rates=RATES,
)


class Poster:
    """One app's sending. A message's id is made from its client key, and is the task id of its card."""

    def __init__(self, api: Api, state_dir: Path, said: Said) -> None:
        self._api = api
        self._state_dir = state_dir
        self._said = said
        self._once = Once()
        self._progress = Progress()

    async def send(self, out: Outgoing) -> str:
        """Post or change it; the message id."""
        if not out.address or "|" in out.address or out.address.startswith("@"):
            raise Rejected("not the account of one member")
        if out.op is Op.POST:
            message = message_id(out.client_key)
            await self._post(out, message, message)
            return message
        if out.message is None:
            raise Rejected("the message to update was never sent")
        await self._update(out, out.message)
        return out.message

    async def _post(self, out: Outgoing, message: str, card: str) -> None:
        """Text, card and files, each once; ``card`` is the new card's task id, ``message`` the post it belongs to."""
        post = out.post
        shown = layout(post.text, post.buttons, card)
        steps: list[Callable[[], Awaitable[object]]] = []
        text = shown.lead if post.buttons else post.text
        if text and text.strip():
            steps.append(partial(self._text, out, text))
        steps += [partial(self._card, out.address, one, message, post) for one in shown.cards]
        steps += [partial(self._file, out, file) for file in post.files]
        await self._progress.go(out.client_key, steps)
        if not shown.cards:
            self._said.sent(message, state_of(post))

    async def _text(self, out: Outgoing, text: str) -> None:
        checked = self._once.checked(out.address, text, out.client_key, repeated=out.repeated)
        words = REPEATED + text if out.repeated and not checked else text
        await self._send(out.address, {"msgtype": "text", "text": {"content": as_app_text(words)}}, checked=checked)

    async def _card(self, account: str, card: Card, message: str, post: Post) -> None:
        answer = await self._send(account, {"msgtype": "template_card", "template_card": card}, checked=True)
        code = answer.get("response_code")
        self._said.sent(message, state_of(post), card["task_id"], code if isinstance(code, str) else "")

    async def _file(self, out: Outgoing, file: Attachment) -> None:
        data = await contents(self._state_dir, file)
        if len(data) > FILE_BYTES:
            raise Rejected("a file is larger than 20 MB")
        media = await self._api.upload(file.name, data.ljust(LEAST_BYTES, b"\n"))
        await self._send(out.address, {"msgtype": "file", "file": {"media_id": media}}, checked=True)

    async def _send(self, account: str, body: dict[str, Any], *, checked: bool) -> dict[str, Any]:
        check = {"enable_duplicate_check": 1, "duplicate_check_interval": INTERVAL}
        return await self._api.send({"touser": account} | body | (check if checked else {"enable_duplicate_check": 0}))

    async def _update(self, out: Outgoing, message: str) -> None:
        shown, state = self._said.get(message), state_of(out.post)
        changed = shown.state != state
        while shown.codes and (changed or len(shown.codes) > 1):
            if await self._changed(out, shown):
                shown.state = state
                return
        if changed:
            await self._post(out, message, f"{message}-{message_id(out.client_key)[:8]}")

    async def _changed(self, out: Outgoing, shown: Shown) -> bool:
        """Use up the newest right to change the card; False when it was good no more."""
        trying = shown.codes[-1], out.client_key
        again, shown.trying = shown.trying == trying, trying
        body = {"userids": [out.address], "response_code": shown.codes[-1]}
        try:
            await self._api.update(body | {"template_card": changed_card(out.post, shown.card)})
        except Rejected:
            shown.codes.remove(trying[0])
            return again  # the attempt whose answer was lost used it up
        shown.codes.remove(trying[0])
        return True


def changed_card(post: Post, task_id: str) -> Card:
    """The card as it is now; where nothing can be pressed any more, one greyed button says so.

    Of a text that is too long the end is shown: what it was about stands in the message before the card.
    """
    greyed = _GREYED.get(post.card.tone if post.card else "", "已处理")
    card = layout(post.text, post.buttons[:MOST] or (Button("none", greyed),), task_id).cards[0]
    rest = headed(post.text)[1]
    return card | ({"sub_title_text": _end(rest)} if rest else {}) | ({} if post.buttons else {"replace_text": greyed})


def _end(text: str) -> str:
    """As many of the last lines as a card shows."""
    if len(text) <= TEXT:
        return text
    kept: list[str] = []
    for line in reversed(text.split("\n")):
        if len("\n".join([line, *kept])) > TEXT - 2:
            break
        kept.insert(0, line)
    return "…\n" + "\n".join(kept) if kept else cut(text, TEXT)
