"""Files of the local chat: what people upload, and what the bot's posts carry."""

import asyncio
import logging
import mimetypes
import re
import shutil
from pathlib import Path
from urllib.parse import quote, unquote
from uuid import uuid4

from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError

from bot.adapters.common.ingress import Ingress
from bot.adapters.local import incoming
from bot.adapters.local import store as record
from bot.adapters.local.requests import plain
from bot.core.errors import Rejected
from bot.core.events import FileRef

_ADDRESS = re.compile(r"/local/files/([0-9a-f]{32})/([^/]{1,600})", re.ASCII)
log = logging.getLogger(__name__)
ONE_FILE = 'send one multipart field "file"'
NAME_LIMIT = 200  # bytes
FILE_LIMIT = 10 * 1024 * 1024  # bytes of one upload


class LocalFiles:
    """Uploads lie below the state folder, each in a folder of its own."""

    def __init__(self, ingress: Ingress) -> None:
        self._store = ingress.store
        self._state_dir = ingress.runtime.settings.state_dir

    def mount(self, app: web.Application) -> None:
        """Add the routes to ``app``."""
        app.router.add_post("/local/files", plain(self.upload))
        app.router.add_get("/local/files/{folder:[0-9a-f]{32}}/{name}", plain(self.download))
        app.router.add_get("/local/attachments/{message}/{number:[0-9]{1,3}}", plain(self.attachment))

    async def upload(self, request: web.Request) -> web.Response:
        try:
            name, data = await _one_file(request)
        except (ValueError, HttpProcessingError, RuntimeError, ConnectionError, web.PayloadAccessError):
            raise incoming.BadRequest(ONE_FILE) from None  # what is no multipart body, or has a zero byte in its head
        folder = uuid4().hex
        await asyncio.to_thread(self._keep, folder, name, data)
        return web.json_response({"name": name, "url": f"/local/files/{folder}/{quote(name)}"})

    def _keep(self, folder: str, name: str, data: bytes) -> None:
        path = self._state_dir / "files" / folder
        try:
            path.mkdir(parents=True)
            (path / name).write_bytes(data)
        except OSError as error:
            shutil.rmtree(path, ignore_errors=True)  # half of it; the disk that refused the file may refuse this, too
            log.error("local: a file cannot be kept: %s", error.strerror)
            raise incoming.BadRequest(f"the file cannot be kept now: {error.strerror}", 503) from None

    async def fetch(self, file: FileRef, limit: int) -> bytes:
        """What somebody uploaded, by the address that the upload was given."""
        match = _ADDRESS.fullmatch(file.key)
        if match is None:
            raise Rejected("no file of this chat")
        path = self._state_dir / "files" / match[1] / Path(unquote(match[2])).name
        try:
            if (await asyncio.to_thread(path.stat)).st_size > limit:
                raise Rejected(f"more than {limit // 2**20} MiB")
            return await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise Rejected(f"it is not there any more: {error.strerror}") from None

    async def download(self, request: web.Request) -> web.StreamResponse:
        info = request.match_info
        name = Path(info["name"]).name
        return await _file(self._state_dir / "files" / info["folder"] / name, name)

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        message, number = request.match_info["message"], int(request.match_info["number"])
        found = await self._store.read(lambda s: record.attachment(s, message, number))
        if found is None:
            raise incoming.BadRequest("no such file", 404)
        state = self._state_dir.resolve()
        path = (state / found[0]).resolve()
        if not path.is_relative_to(state):
            raise incoming.BadRequest("no such file", 404)
        return await _file(path, found[1])


async def _one_file(request: web.Request) -> tuple[str, bytes]:
    """Name and bytes of the one field. Raises what aiohttp's parser raises where the body is no multipart body."""
    if not request.content_type.startswith("multipart/"):
        raise incoming.BadRequest(ONE_FILE)
    part = await (await request.multipart()).next()
    if not isinstance(part, BodyPartReader) or part.name != "file" or not part.filename:
        raise incoming.BadRequest(ONE_FILE)
    data = bytearray()
    while chunk := await part.read_chunk():
        data += chunk
        if len(data) > FILE_LIMIT:
            raise incoming.BadRequest("a file may have 10 MiB", 413)
    return _name(part.filename), bytes(data)


def _name(given: str) -> str:
    """A name that a file can have: no way up, nothing that does not print, at most 200 of the 255 bytes there are."""
    name = "".join(c for c in Path(given).name if c.isprintable())
    while len(name.encode("utf-8", "replace")) > NAME_LIMIT:
        name = name[:-1]
    return "file" if name.strip(". ") == "" else name


async def _file(path: Path, name: str) -> web.StreamResponse:
    """Not a FileResponse: of app.log it would send app.log.gz where both lie there."""
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except (OSError, ValueError):  # a name may be too long for the disk, or hold a zero byte
        raise incoming.BadRequest("no such file", 404) from None
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Content-Type": mimetypes.guess_type(name)[0] or "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=file, headers=headers)
