"""A file changed on a host and put back: backup, hash, one move; the hash decides whose file it is."""

from bot.core.errors import UserError
from runbooks.planning.outcome import Undone
from runbooks.planning.plan import Change, Edit, copies, restore_commands
from runbooks.planning.target import Target
from runbooks.remote.command import Lost, NotStarted, Remote
from runbooks.remote.files import LOOK_SECONDS, digest, read_text, sha256_there


async def hash_there(remote: Remote, target: Target, edit: Edit, path: str) -> str:
    """The hash of a file now. A text is read whole, so that the host needs no more than ``cat``."""
    if edit.change is Change.UPLOAD:
        return await sha256_there(remote, target, path)
    return digest(await read_text(remote, target, path))


async def tidy(remote: Remote, target: Target, edit: Edit) -> None:
    """Take away what the edit laid beside its file; what cannot be reached now is taken away by the next look back."""
    try:
        await remote.run(target, ("rm", "-f", *copies(edit)), limit=LOOK_SECONDS)
    except (NotStarted, Lost):
        return


async def restore(remote: Remote, target: Target, edit: Edit) -> Undone:
    """Put the backup in place, only if the file is the one we wrote, and test it; ``NOTHING``: it never was changed.

    Used by the run that failed, and after a restart for a run that died between its edit and what verifies it. The copies are
    gone afterwards, unless the file could not be put back: then a person may need them.
    """
    undone = await _restored(remote, target, edit)
    if undone is not Undone.LEFT:
        await tidy(remote, target, edit)
    return undone


async def _restored(remote: Remote, target: Target, edit: Edit) -> Undone:
    try:
        now = await hash_there(remote, target, edit, edit.path)
        if now != edit.new_sha256:
            return Undone.NOTHING if now == edit.sha256 else Undone.LEFT
        for argv in restore_commands(edit):
            if not (await remote.run(target, argv)).ok:
                return Undone.LEFT
        now = await hash_there(remote, target, edit, edit.path)
        return Undone.RESTORED if now == edit.sha256 else Undone.LEFT
    except (UserError, NotStarted, Lost):
        return Undone.LEFT
