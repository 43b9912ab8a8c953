"""What people do in one generated history, and the judgement of what the host was sent.

The judge keeps its own list of who said what when and of how everything stood then; it knows nothing of the code under test.
"""

import dataclasses
import random
from datetime import timedelta
from functools import partial
from typing import Any

from bot.core.events import Command, Due, Envelope, Tap
from bot.core.people import Account, Person
from bot.work.arguments import takes, word
from handlers.runs import confirming, ending, naming
from handlers.runs.requesting import request
from runbooks.runs.run import Run, State
from tests.unit.handlers.runs.worlds import CHATS, LINES, PEOPLE, ROLES, VALID, Said, World


class History:
    """One history: what people did, and how everything stood at each moment (``stand`` counts what changed)."""

    def __init__(self, world: World, rng: random.Random) -> None:
        self.world = world
        self.rng = rng
        self.said: list[Said] = []
        self.asked: dict[int, Said] = {}
        self.base = world.site

    async def play(self) -> None:
        """A few steps of people, clock, drift and runner, then the runner to the end, then the judgement."""
        for _ in range(self.rng.randint(4, 14)):
            await self.step()
        await self.judge()
        self.world.ran += len(self.world.host.record)
        await self.world.clear()

    async def step(self) -> None:
        kind = self.rng.choices(
            ("request", "yes", "glass", "no", "resume", "time", "people", "drift", "work", "lose"),
            (20, 30, 6, 4, 4, 8, 4, 4, 18, 2),
        )[0]
        await getattr(self, f"_{kind}")()

    def envelope(self, person: str, chat: str) -> Envelope:
        now = self.world.clock.real()
        return Envelope(f"k{self.world.count}", Account("local", person), person, chat, now, now)

    def _note(self, kind: str, person: str, run: int, chat: str = "", reason: str = "") -> None:
        self.said.append(self.world.stamp(kind, person, run, chat, reason))

    async def _request(self) -> None:
        person, chat = self.rng.choice(PEOPLE), self.rng.choice(CHATS)
        line = f"/{self.rng.choice(list(LINES))} {len(self.said) + 1}"
        envelope = self.envelope(person, chat)
        known = len(await self.world.runs())
        await self.world.act(person, lambda work: request(self.world.catalogue, line, envelope, work))
        for run in (await self.world.runs())[known:]:
            self._note("request", person, run.id, chat)

    async def _yes(self) -> None:
        runs = await self.world.runs()
        if not runs:
            return
        person, chat, run = self.rng.choice(PEOPLE), self.rng.choice(CHATS), self.rng.choice(runs)
        envelope = self.envelope(person, chat)
        if self.rng.random() < 0.5:
            self._note("tap", person, run.id)
            tap = Tap(envelope, f"confirm:{run.name}")
            await self.world.act(person, lambda work: confirming.confirm_tap(tap, work))
        else:
            self._note("word", person, run.id, chat)
            await self.world.act(person, lambda work: confirming.confirm(_command(envelope, "confirm", run.name), work))

    async def _glass(self) -> None:
        runs = await self.world.runs()
        if not runs:
            return
        person, chat, run = self.rng.choice(PEOPLE), self.rng.choice(CHATS), self.rng.choice(runs)
        reason = self.rng.choice(("", "x", "nobody else answers"))
        self._note("glass", person, run.id, chat, reason)
        event = _command(self.envelope(person, chat), "break-glass", f"{run.name} {reason}".strip())
        await self.world.act(person, lambda work: confirming.break_glass(event, work))

    async def _no(self) -> None:
        runs = await self.world.runs()
        if runs:
            person, run = self.rng.choice(PEOPLE), self.rng.choice(runs)
            self._note("no", person, run.id)
            event = _command(self.envelope(person, "duty-room"), "cancel", run.name)
            await self.world.act(person, lambda work: ending.cancel(event, work))

    async def _resume(self) -> None:
        runs = await self.world.runs()
        if not runs:
            return
        person, run, chat = self.rng.choice(PEOPLE), self.rng.choice(runs), self.rng.choice(CHATS)
        event = _command(self.envelope(person, chat), "resume", self.rng.choice((run.name, f"{run.name} 1")))
        resume = takes(naming.RUN, word())(partial(ending.resume, self.world.catalogue))
        await self.world.act(person, lambda work: resume(event, work))
        for new in (await self.world.runs())[len(runs) :]:
            self._note("request", person, new.id, chat)

    async def _time(self) -> None:
        span = self.rng.choice((1.0, 60.0, 299.0, 300.0, 301.0, 1000.0))
        self.world.clock.move_to(self.world.clock.now() + timedelta(seconds=span))
        for run in await self.world.runs():
            if run.expires_at and run.expires_at <= self.world.clock.real() and self.rng.random() < 0.5:
                due = Due("runs.expire", run.name, run.expires_at, 0.0, {})
                await self.world.act("system", partial(confirming.expire, due))

    async def _people(self) -> None:
        name = self.rng.choice(PEOPLE)
        changed: Person = dataclasses.replace(self.base.people[name], roles=self.rng.choice(ROLES))
        self.world.site = dataclasses.replace(self.world.site, people={**self.world.site.people, name: changed})

    async def _drift(self) -> None:
        """Something that was shown changes: the pinned key, or who the host is."""
        self.world.stands += 1
        if self.rng.random() < 0.5:
            self.world.host.keys = [f"SHA256:{self.world.stands}"]
            return
        hosts = dict(self.world.site.hosts)
        hosts["lb1"] = dataclasses.replace(hosts["lb1"], user=f"user{self.world.stands}")
        self.world.site = dataclasses.replace(self.world.site, hosts=hosts)

    async def _work(self) -> None:
        known = {run.id for run in await self.world.runs()}
        await self.world.work()
        for run in await self.world.runs():
            if run.id not in known:  # asked again by itself: what was confirmed had changed
                before = next(s for s in self.said if s.kind == "request" and s.run == _predecessor(run, self.said))
                self.said.append(dataclasses.replace(before, run=run.id, at=self.world.clock.real()))
            if run.state is State.ASKED and run.id not in self.asked:
                self._note("question", "", run.id)
                self.asked[run.id] = self.said[-1]

    async def _lose(self) -> None:
        self.world.host.lose = True

    async def judge(self) -> None:
        """Each line of the record names its request; there must be one yes for it, and no line may stand there twice."""
        await self._work()
        runs = {run.id: run for run in await self.world.runs()}
        for sent in {done.kind for done in self.world.host.record}:
            ids = [run.id for run in runs.values() if run.line.split()[1] == sent.split()[1]]
            done = [done for done in self.world.host.record if done.kind == sent]
            for each in done:
                assert any(self._justified(run, runs[run].verb, each) for run in ids), (each, self.said)
            allowed = {run for run in ids for each in done if self._justified(run, runs[run].verb, each)}
            assert len(done) <= len(allowed), (done, allowed, self.said)

    def _justified(self, run: int, verb: str, done: Said) -> bool:
        askers, _, kind, _ = LINES[verb]
        asked = next((s for s in self.said if s.kind == "request" and s.run == run), None)
        if asked is None or not done.roles[asked.person] & askers:
            return False
        return kind == "none" or any(self._valid(yes, asked, done, LINES[verb]) for yes in self.said)

    def _valid(self, yes: Said, asked: Said, done: Said, policy: tuple[Any, Any, str, bool]) -> bool:
        askers, sayers, kind, glass = policy
        question = self.asked.get(asked.run)
        if question is None or yes.run != asked.run or yes.kind not in {"tap", "word", "glass"}:
            return False
        # where the plan stands: of one asked for in a group of reporters not there
        direct = asked.chat if asked.chat.startswith("dm-") else f"dm-{asked.person}"
        rooms = {"duty-room"} if asked.chat == "duty-room" else {direct, "duty-room"}
        in_time = question.at <= yes.at < question.at + VALID and yes.at <= done.at <= yes.at + VALID
        said_right = yes.kind == "tap" or yes.chat in rooms
        if not (in_time and said_right and question.stand == done.stand and yes.roles[asked.person] & askers):
            return False
        if yes.kind == "glass":
            alone = yes.roles[yes.person] & askers and done.roles[yes.person] & askers
            return glass and len(yes.reason) >= 4 and bool(alone)
        second = yes.roles[yes.person] & sayers and done.roles[yes.person] & sayers
        return bool(second) and (yes.person == asked.person) == (kind == "self")


def _predecessor(run: Run, said: list[Said]) -> int:
    return max(s.run for s in said if s.kind == "request" and s.run < run.id and s.person == run.requester)


def _command(envelope: Envelope, verb: str, rest: str) -> Command:
    return Command(envelope, verb, tuple(rest.split()), rest, f"/{verb} {rest}")
