"""Files that the person who asks for a run has sent in chat: taken into the state folder before anything is looked at.

The newest of that name within an hour; what lies there already under it is replaced. Its hash is part of what is confirmed.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from bot.core.errors import Rejected, Temporary, UserError
from bot.work.runtime import Runtime
from bot.work.sent_files import SentFile, sent_by, typed_name
from bot.work.work import Transactions
from runbooks.planning.plan import Change, Plan
from runbooks.runs.run import Run

FRESH = timedelta(hours=1)
LIMIT = 10 * 1024 * 1024  # bytes of a file that is handed in by chat
MOST_NAMED = 5  # files in the refusal of one that is not there


async def take_in(transactions: Transactions, run: Run, plan: Plan) -> None:
    """Fetch what the uploads of ``plan`` need and its requester has sent.

    Raises ``UserError`` ``file_missing``, ``file_not_delivered``, ``file_not_fetched`` or ``file_too_big``.
    """
    names = {step.edit.what[0] for step in plan.steps if step.edit and step.edit.change is Change.UPLOAD}
    if not names:
        return
    runtime = transactions.runtime
    since = runtime.clock.now() - FRESH
    site = runtime.site()
    sent = await transactions.store.read(lambda session: list(sent_by(session, site, run.requester, since)))
    folder = runtime.settings.state_dir / "files"
    for name in sorted(names):
        newest = next((one for one in sent if name in {one.file.name, typed_name(one.file.name)}), None)
        if newest is not None:
            await _kept(transactions, folder, name, newest)
        elif not (folder / name).is_file():
            raise _missing(runtime, run, name, sent)


def _missing(runtime: Runtime, run: Run, name: str, sent: Sequence[SentFile]) -> UserError:
    """What to do instead, by whether the requester has a platform that hands files over."""
    person = runtime.site().people.get(run.requester)
    platforms = {account.platform for account in person.accounts} | {"local"} if person else set()
    if platforms & runtime.delivers:
        return UserError("file_missing", name=name, sent=_named(sent))
    return UserError("file_not_delivered", name=name)


def _named(sent: Sequence[SentFile]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(typed_name(one.file.name) for one in sent))[:MOST_NAMED]


async def _kept(transactions: Transactions, folder: Path, name: str, sent: SentFile) -> None:
    """Its content as ``name``, once: looked at again, it is not fetched again."""
    note, mark = folder / f".{name}.sent", f"{sent.platform} {sent.message}"
    if await asyncio.to_thread(_is_there, folder / name, note, mark):
        return
    try:
        content = await transactions.runtime.fetch(sent.platform, sent.file, LIMIT)
    except Rejected as error:
        raise UserError("file_not_fetched", name=name, why=error.reason) from None
    except Temporary as error:
        raise UserError("file_not_fetched", name=name, why=error.reason) from None
    if content is None:
        raise UserError("file_not_delivered", name=name)
    if len(content) > LIMIT:
        raise UserError("file_too_big", name=name, limit=LIMIT // 2**20)
    await asyncio.to_thread(_write, folder, name, content)
    await asyncio.to_thread(_write, folder, note.name, mark.encode())


def _is_there(path: Path, note: Path, mark: str) -> bool:
    return path.is_file() and note.is_file() and note.read_text() == mark


def _write(folder: Path, name: str, content: bytes) -> None:
    """In one move, for the service alone to read: a licence is worth money."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{name}.new"
    fresh.touch(0o600)
    fresh.chmod(0o600)
    fresh.write_bytes(content)
    fresh.replace(folder / name)
