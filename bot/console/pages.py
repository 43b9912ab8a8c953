"""``GET /console/<page>/<subject>``: the pages of the capabilities, read only, for whoever has a signed link and may see it now.

Without a valid link, for another subject, for a person who may no longer see it, and for one that does not exist the answer is
the same 403: nobody learns what there is.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from bot.adapters.common.ingress import TARGET, Ingress
from bot.adapters.common.look import LOOK
from bot.console.html import TEMPLATES, html_of
from bot.core.people import Person
from bot.storage.store import Store
from bot.work.links import Links
from bot.work.pages import KeptFile, Page, Reading, Shown

_STATIC = {**LOOK, "run.css": Path(__file__).parent / "static" / "run.css"}
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
}


@dataclass(frozen=True, slots=True)
class _Opened:
    """What somebody may see now, when, and his link to it."""

    shown: Shown
    reader: Person
    link: str


class ConsolePages:
    """The routes of all pages, their files and their style."""

    def __init__(self, links: Links, ingress: Ingress, store: Store, pages: Iterable[Page]) -> None:
        self._links = links
        self._ingress = ingress
        self._store = store
        self._pages = {page.name: page for page in pages}

    def mount(self, app: web.Application) -> None:
        """Add the routes to ``app``."""
        app.router.add_get("/console/static/{name}", self._style)
        for name in self._pages:
            one = f"/console/{{page:{name}}}/{{subject}}"
            app.router.add_get(one, self._ingress.route(self._show))
            app.router.add_get(one + "/files/{name:.+}", self._ingress.route(self._file), allow_head=False)

    async def _show(self, request: web.Request) -> web.Response:
        opened = await self._opened(request)
        if opened is None:
            return await self._refused(request)
        runtime, page = self._ingress.runtime, self._pages[request.match_info["page"]]
        files = [(file, _address(request, file, opened.link)) for file in opened.shown.files]
        facts = {**opened.shown.facts, "files": files}
        locale = opened.reader.locale or runtime.settings.locale
        return _html(await asyncio.to_thread(html_of, page.template, locale, runtime.site().tz, facts))

    async def _file(self, request: web.Request) -> web.Response:
        """A file of the page, to be kept and not to be opened here: it is what a server said."""
        opened = await self._opened(request)
        files = opened.shown.files if opened else ()
        found = next((file for file in files if file.name == request.match_info["name"]), None)
        if found is None:
            return await self._refused(request)
        disposition = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
        headers = {"Content-Disposition": disposition, "Content-Type": "application/octet-stream"}
        # not a FileResponse: of app.log it would send app.log.gz where both were downloaded
        try:
            file = await asyncio.to_thread(found.path.open, "rb")
        except (OSError, ValueError):  # gone since it was listed
            return await self._refused(request)
        return web.Response(body=file, headers=_HEADERS | headers)

    async def _style(self, request: web.Request) -> web.FileResponse:
        path = _STATIC.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})

    async def _opened(self, request: web.Request) -> _Opened | None:
        """What the link opens; None unless it is ours, fresh, of this subject, and its person may see that as of now."""
        given, name, subject = (
            request.query.getall("link", []),
            request.match_info["page"],
            request.match_info["subject"],
        )
        runtime = self._ingress.runtime
        now = runtime.clock.real()
        link = self._links.read_page(given[0], now) if len(given) == 1 else None
        if link is None or link.page != f"{name}/{subject}":
            return None
        site = runtime.site()
        reader = site.people.get(link.person)
        if reader is None:
            return None
        page, reading = self._pages[name], Reading(subject, reader, site, runtime.settings.state_dir, now)
        shown = await self._store.read(lambda session: page.show(session, reading))
        return None if shown is None else _Opened(shown, reader, given[0])

    async def _refused(self, request: web.Request) -> web.Response:
        await self._ingress.refuse("bad_link", request.path[:TARGET])
        runtime = self._ingress.runtime
        return _html(html_of(TEMPLATES / "refused.html", runtime.settings.locale, runtime.site().tz, {}), 403)


def _address(request: web.Request, file: KeptFile, link: str) -> str:
    return f"{request.rel_url.path}/files/{quote(file.name, safe='')}?link={link}"


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)
