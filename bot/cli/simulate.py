"""``zhiban simulate``: a dry run of any span; what would be said, to whom, when. Sends nothing.

The same service runs on a clock that is moved from one event to the next, with its database in a folder that is removed
afterwards; the organisation and its roster are the real ones.
"""

import argparse
import asyncio
import dataclasses
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.adapters.local import incoming
from bot.app import App
from bot.cli.platforms import PLATFORMS
from bot.cli.refused import refused
from bot.cli.replay import Line, moment, read_lines
from bot.cli.transcript import print_json, print_table
from bot.core.errors import ConfigError
from bot.sections import SECTIONS
from bot.settings import Settings, StoreSettings
from bot.settings_file import load_settings
from bot.stepper import Stepper
from bot.storage.clock import ManualClock
from bot.workers.transcript import Said, said
from data.load.site import load_site
from data.site import Site


def main(args: argparse.Namespace) -> int:
    """0 done; 2 settings, data, times or events that cannot be used, one line each."""
    settings: Settings | None = None
    try:
        settings = load_settings(args.config, platforms=PLATFORMS, sections=SECTIONS)
        site = _all_local(load_site(settings.data_dir, settings.state_dir, settings.timezone, locale=settings.locale))
        start, end = _span(args, site.tz)
        lines = read_lines(args.events, site, start, end) if args.events else []
        found = _dry_run(settings, site, start, end, lines)
    except ConfigError as error:
        return refused(error, settings)
    show = print_table if args.table or (sys.stdout.isatty() and not args.json) else print_json
    show(found, site)
    return 0


def _span(args: argparse.Namespace, tz: ZoneInfo) -> tuple[datetime, datetime]:
    faults: list[str] = []
    times: list[datetime] = []
    for option, text in (("--from", args.start), ("--to", args.end)):
        try:
            times.append(moment(text, tz))
        except ValueError:
            faults.append(f"{option}: {text} is no time; write 2026-10-01 or 2026-10-01T08:00")
    if not faults and times[0] >= times[1]:
        faults.append(f"--to: {args.end} is not after --from; write a later time")
    if faults:
        raise ConfigError(faults)
    return times[0], times[1]


def _all_local(site: Site) -> Site:
    """The same organisation with every chat on the local platform, so that nothing can leave the machine."""
    return dataclasses.replace(
        site, chats={key: dataclasses.replace(chat, platform="local") for key, chat in site.chats.items()}
    )


def _dry_run(settings: Settings, site: Site, start: datetime, end: datetime, lines: list[Line]) -> list[Said]:
    """Everything said from ``start`` until just before ``end``, with the state in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="zhiban-simulate-") as folder:
        changes = {"state_dir": Path(folder), "adapters": ("local",), "store": StoreSettings()}
        return asyncio.run(_simulate(settings.model_copy(update=changes), site, start, end, lines))


async def _simulate(settings: Settings, site: Site, start: datetime, end: datetime, lines: list[Line]) -> list[Said]:
    clock = ManualClock(start)
    app = App(settings, lambda: site, clock, platforms=PLATFORMS)
    await app.open()
    try:
        stepper = Stepper(app, clock)
        for line in lines:
            await stepper.run_until(line.at)
            body = {"user": line.user, "text": line.text, "id": f"line-{line.number}"}
            await app.inbox.accept(incoming.message(site, clock, line.chat, body))
            await stepper.settle()
        await stepper.run_until(end)
        return [one for one in await app.store.read(lambda session: list(said(session))) if one.at < end]
    finally:
        await app.close()
