"""The whole service beside a stand-in of a platform: real HTTP both ways, on a clock that stands still."""

import asyncio
import contextlib
import dataclasses
import re
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import App
from bot.core.people import Account
from bot.settings import ServerSettings, Settings
from bot.stepper import Stepper
from bot.storage.clock import ManualClock
from data.site import Site
from tests.support import once
from tests.support.desk import WORKDAY
from tests.support.paths import EXAMPLE
from tests.support.platforms.base import FakePlatform, Seen
from tests.support.ports import free_port
from tests.support.runner import runner
from tests.support.until import until

_TYPED = r"(?:@\S+ )?(/[^（）·]+?)（{}）"
_LINK = r"{}：(https?://\S+)"


@dataclass
class House:
    """``settle`` and ``later`` move the service; ``says`` and ``taps`` are the people's hands, ``reads`` their eyes."""

    app: App
    fake: FakePlatform
    clock: ManualClock
    stepper: Stepper

    async def settle(self) -> None:
        """Do everything that can be done now."""
        await self.stepper.settle()

    async def later(self, **span: float) -> None:
        """Let time pass, stopping at everything that comes due."""
        await self.stepper.run_until(self.clock.now() + timedelta(**span))

    async def says(self, person: str, chat: str, text: str, *, quote: Seen | None = None) -> None:
        """Somebody says something, and all that follows from it is done; what a rate limit holds back, too."""
        assert await self.fake.says(person, chat, text, quote=quote) == 200
        await self.calm()

    async def taps(self, person: str, chat: str, label: str, *words: str) -> None:
        """Press a button as that person would: the button, else its link, else the reply that is shown for it.

        It is looked for in the newest message of the chat that has all the words and offers it.
        """
        offering = [
            seen
            for seen in self.reads(chat)
            if all(word in seen.text for word in words)
            and (label in dict(seen.buttons) or f"{label}：http" in seen.text or f"（{label}）" in seen.text)
        ]
        assert offering, f"nothing in {chat} with {words} offers {label}: {self.texts(chat)}"
        seen = offering[-1]
        if label in dict(seen.buttons):
            assert await self.fake.taps(person, seen, label) == 200
        else:
            link = re.search(_LINK.format(re.escape(label)), seen.text)
            typed = re.search(_TYPED.format(re.escape(label)), seen.text)
            if link:
                async with aiohttp.ClientSession() as session, session.post(link[1]) as answer:
                    assert answer.status == 200
            else:
                assert typed, f"no way to press {label} in: {seen.text}"
                assert await self.fake.says(person, chat, typed[1].strip()) == 200
        await self.calm()

    async def calm(self) -> None:
        """Until nothing is left to send that a pace holds back; the socket's events are let in first."""
        await asyncio.sleep(0.05)
        await self.settle()
        for _ in range(20):
            if not await self._waiting():
                return
            await self.later(seconds=1.5)
        raise AssertionError("something stays queued")

    async def _waiting(self) -> int:
        metrics = await self.app.web.counts()
        return metrics["zhiban_outbox_waiting"] + metrics["zhiban_inbox_waiting"]

    def account(self, person: str) -> str:
        """Somebody's account on the platform."""
        return self.fake.site_names()[1][person]

    def reads(self, chat: str) -> list[Seen]:
        """What the bot put into a chat, oldest first."""
        return self.fake.seen(chat)

    def texts(self, chat: str) -> list[str]:
        return [seen.text for seen in self.reads(chat)]

    def last(self, chat: str, *words: str) -> Seen:
        """The newest message of a chat that has all the words."""
        found = [seen for seen in self.reads(chat) if all(word in seen.text for word in words)]
        assert found, f"none of {chat} has {words}: {self.texts(chat)}"
        return found[-1]


class NoPlatform:
    """Stands where a platform would, for the local chat: it is its own."""

    url = ""

    async def start(self) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Nothing to stop."""

    def settings(self) -> dict[str, Any]:
        return {}

    def deliver_to(self, base_url: str, wall: Callable[[], datetime]) -> None:
        """Nothing is delivered."""

    def site_names(self) -> tuple[dict[str, str], dict[str, str]]:
        return {}, {}

    def ready(self) -> bool:
        return True

    async def says(self, person: str, chat: str, text: str, *, quote: Seen | None = None, id: str | None = None) -> int:
        raise NotImplementedError

    async def taps(self, person: str, seen: Seen, button: str) -> int:
        raise NotImplementedError

    def seen(self, chat: str) -> list[Seen]:
        return []


def placed(site: Site, platform: str, fake: FakePlatform) -> Site:
    """The organisation with its chats and people on the platform."""
    chats, accounts = fake.site_names()
    on = {
        key: dataclasses.replace(chat, platform=platform, chat_id=chats[key]) if key in chats else chat
        for key, chat in site.chats.items()
    }
    people = {
        key: dataclasses.replace(person, accounts=(Account(platform, accounts[key]),) if key in accounts else ())
        for key, person in site.people.items()
    }
    emergency = people[site.emergency.id]
    headquarters = tuple(people[person.id] for person in site.headquarters)
    return dataclasses.replace(site, chats=on, people=people, emergency=emergency, headquarters=headquarters)


@contextlib.asynccontextmanager
async def open_house(
    platform: str, fake: FakePlatform, state: Path, empty: Path, site: Site, **sections: Any
) -> AsyncIterator[House]:
    """The service on ``platform`` alone, listening or connected; the platform knows where."""
    await fake.start()
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    clock = ManualClock(WORKDAY)
    settings = Settings.model_validate(
        {
            "platforms": fake.settings(),
            "data_dir": EXAMPLE,
            "state_dir": state,
            "adapters": (platform,),
            "server": ServerSettings(port=port, public_url=base),
            **sections,
        }
    )
    state.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(empty, settings.database)
    known = placed(site, platform, fake)
    app = once.app(settings, known, clock)
    fake.deliver_to(base, clock.wall)
    await app.open()
    workers = [asyncio.ensure_future(worker.run()) for worker in app.background]
    await app.web.start()
    await until(fake.ready)
    stepper = Stepper(app, clock)
    stepper.more.append(runner(app).step)
    try:
        yield House(app, fake, clock, stepper)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        await app.web.stop()
        await app.close()
        await fake.stop()
