"""Where the secrets come from that a runbook names: one file each; never from settings, never from a chat."""

import os
import re
from pathlib import Path

from bot.core.errors import UserError
from runbooks.language.placeholders import SECRET, marks
from runbooks.planning.plan import Plan

_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}", re.ASCII)


def read_secrets(state_dir: Path) -> dict[str, str]:
    """The secrets by name: systemd credentials, and files of ``<state_dir>/secrets`` that only their owner may read.

    A file that others may read is left out: a runbook that needs it is then refused, naming it.
    """
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    found: dict[str, str] = {}
    for folder, guarded in ((state_dir / "secrets", False), (Path(credentials) if credentials else None, True)):
        if folder is None or not folder.is_dir():
            continue
        for path in sorted(folder.iterdir()):
            if _NAME.fullmatch(path.name) and path.is_file() and (guarded or not path.stat().st_mode & 0o077):
                found[path.name] = path.read_text("utf-8").rstrip("\n")
    return found


def secret_names(plan: Plan) -> frozenset[str]:
    """What the steps of a plan name."""
    texts = [word for step in plan.steps for argv in (*step.commands, (step.stdin,), step.undo) for word in argv]
    return frozenset(name.removeprefix(SECRET) for name in marks(texts) if name.startswith(SECRET))


def check_secrets(plan: Plan, state_dir: Path) -> None:
    """Before anybody is asked: raises ``UserError`` ``secret_missing`` for what would be missing in the middle of the run."""
    named = secret_names(plan)
    missing = named - read_secrets(state_dir).keys() if named else named
    if missing:
        raise UserError("secret_missing", line=plan.line, names=tuple(sorted(missing)))
