"""The three small shell scripts that the bot sends: run in a folder, run with a record, read the record."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.demo.call import Call
from runbooks.language.probes import IN_FOLDER
from runbooks.remote.command import RECORDER
from runbooks.remote.journal import READER

_RECORDS = "/root/.zhiban/runs"
_REPEATED = 97
_MARK = re.compile(r"R[0-9]+-[0-9]+/[0-9]+\.[0-9]+", re.ASCII)


async def sh(call: Call, run: Callable[[Call], Awaitable[int]]) -> int:
    """``sh -c SCRIPT …`` for those three; anything else is not understood."""
    match call.args:
        case ("-c", script, folder, *argv) if script == IN_FOLDER:
            return await run(replace(call, argv=tuple(argv), cwd=folder))
        case ("-c", script, _, mark, *argv) if script == RECORDER and _MARK.fullmatch(mark):
            return await _recorded(replace(call, argv=tuple(argv)), mark, run)
        case ("-c", script, _, name, place) if script == READER:
            return _read(call, name, place)
        case _:
            call.complain("sh: this simulated machine knows the bot's own scripts only")
            return 127


async def _recorded(call: Call, mark: str, run: Callable[[Call], Awaitable[int]]) -> int:
    path = f"{_RECORDS}/{mark}"
    place = call.files.at(path)
    if place.exists():
        call.complain(f"zhiban: {mark}")
        return _REPEATED
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    call.files.write(path, b"start 0 0\n")
    status = await run(call)
    call.files.append(path, f"end 0 {status}")
    return status


def _read(call: Call, name: str, step: str) -> int:
    folder = call.files.at(f"{_RECORDS}/{name}")
    for path in sorted(folder.glob(f"{step}.*")):
        call.say(f"mark {path.name}")
        call.stdout(path.read_bytes())
    call.say("read")
    return 0
