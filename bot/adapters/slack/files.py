"""Files under a message: asked for an address, uploaded, shared into the message's thread (Slack sheet 6: files v2)."""

import asyncio
import logging
from pathlib import Path

from bot.adapters.slack.api import Api
from bot.adapters.slack.codes import Foreign
from bot.adapters.slack.ids import MessageId
from bot.core.content import Attachment

log = logging.getLogger(__name__)


async def share(
    api: Api, message: MessageId, files: tuple[Attachment, ...], state_dir: Path, *, look: bool = False
) -> None:
    """Upload every file and share them as one answer to ``message``; ``look``: leave out what an earlier try shared."""
    there = await _shared(api, message) if look else frozenset[str]()
    uploads = []
    for file in files:
        if file.name in there:
            continue
        try:
            data = await asyncio.to_thread((state_dir / file.path).read_bytes)
        except FileNotFoundError:
            log.error("slack: %s is gone and was not sent", file.path)
            continue
        place = await api.form("files.getUploadURLExternal", filename=file.name, length=str(len(data)))
        url, file_id = place.get("upload_url"), place.get("file_id")
        if not (isinstance(url, str) and isinstance(file_id, str)):
            raise Foreign("files.getUploadURLExternal: no address")
        await api.put(url, data)
        uploads.append({"id": file_id, "title": file.name})
    if uploads:
        where = {"channel_id": message.channel, "thread_ts": message.root}
        await api.call("files.completeUploadExternal", files=uploads, **where)


async def _shared(api: Api, message: MessageId) -> frozenset[str]:
    """Names of the files that stand behind the message in its thread."""
    answer = await api.form("conversations.replies", channel=message.channel, ts=message.root, limit="200")
    later = (reply for reply in answer["messages"] if str(reply["ts"]) > message.ts)
    return frozenset(str(file.get("title")) for reply in later for file in reply.get("files") or ())
