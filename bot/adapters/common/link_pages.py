"""The page behind a signed link: shows the button, and presses it only when it is pressed (a preview must not)."""

import hashlib
from html import escape

from aiohttp import web

from bot.adapters.common.ingress import BadRequest, Ingress
from bot.core.events import Tap
from bot.work.links import Links, Offer

_PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>Zhiban</title>
<style>body{{font:18px/1.6 sans-serif;margin:3em auto;max-width:20em;padding:0 1em;text-align:center}}
button{{font:inherit;padding:.6em 2em}}</style><p>{text}</p>{form}</html>"""
_FORM = '<form method="post"><button>{label}</button></form>'
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}


class LinkPages:
    """``GET`` and ``POST /tap/TOKEN``."""

    def __init__(self, links: Links, ingress: Ingress) -> None:
        self._links = links
        self._ingress = ingress

    def mount(self, app: web.Application) -> None:
        """Add the routes to ``app``."""
        app.router.add_get("/tap/{token}", self._ingress.route(self._show))
        app.router.add_post("/tap/{token}", self._ingress.route(self._press))

    async def _show(self, request: web.Request) -> web.Response:
        offer, token = self._offer(request)
        if await self._ingress.seen(_key(token)):
            return self._said("shared/link_used", offer)
        return _page(escape(offer.action.partition(":")[2]), _FORM.format(label=escape(offer.label)))

    async def _press(self, request: web.Request) -> web.Response:
        offer, token = self._offer(request)
        now = self._ingress.runtime.clock.now()
        envelope = self._ingress.envelope(key=_key(token), user=offer.person, chat="", sent_at=now, direct=True)
        fresh = await self._ingress.accept(Tap(envelope, offer.action))
        return self._said("shared/link_pressed" if fresh else "shared/link_used", offer)

    def _said(self, template: str, offer: Offer) -> web.Response:
        """A sentence in that person's language."""
        runtime = self._ingress.runtime
        person = runtime.site().people.get(offer.person)
        locale = (person.locale if person else None) or runtime.settings.locale
        return _page(escape(runtime.renderer.post(template, locale, {}).text))

    def _offer(self, request: web.Request) -> tuple[Offer, str]:
        token = request.match_info["token"]
        try:
            offer = self._links.read(token, self._ingress.runtime.clock.real())
        except (ValueError, TypeError, OverflowError, OSError):
            offer = None
        if offer is None:
            raise BadRequest(401, "bad_signature")
        return offer, token


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _page(text: str, form: str = "") -> web.Response:
    return web.Response(text=_PAGE.format(text=text, form=form), content_type="text/html", headers=_HEADERS)
