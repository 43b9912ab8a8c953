"""What a site expects of its runbooks, read from ``NAME.test.yaml``: a command line, what the hosts say, what they must be sent."""

import shlex
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bot.core.errors import ConfigError
from bot.trial.host import Answer, Said

_KEYS = {"name", "line", "files", "answers", "sent", "ends", "after", "at"}
_ENDS = "done, refused CODE or failed FAULT"


@dataclass(frozen=True, slots=True)
class Case:
    """One line and all about it. ``sent``: ``(host, words)`` in order, None when the author has not said yet; ``ends``: how;
    ``at``: the local time, None for now.
    """

    source: str
    name: str
    line: str
    files: dict[str, dict[str, str]]
    answers: list[Answer]
    sent: list[tuple[str, list[str]]] | None
    ends: str
    after: dict[str, dict[str, str | None]]
    at: datetime | None = None


def load_cases(path: Path) -> list[Case]:
    """The cases of one file. Raises ``ConfigError``."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError([f"{path}: cannot be read ({error})"]) from None
    if not isinstance(data, dict) or not isinstance(data.get("cases"), list):
        raise ConfigError([f"{path}: write cases: and a list below it"])
    return [_case(path, place, case) for place, case in enumerate(data["cases"], 1)]


def _case(path: Path, place: int, data: Any) -> Case:
    where = f"{path}: case {place}"
    if not isinstance(data, dict) or not isinstance(data.get("line"), str):
        raise ConfigError([f"{where}: line is missing; write line: /restart oa3"])
    unknown = set(data) - _KEYS
    if unknown:
        raise ConfigError([f"{where}: unknown key {sorted(unknown)[0]}; there are {', '.join(sorted(_KEYS))}"])
    ends = str(data.get("ends", "done"))
    if ends.split()[0] not in {"done", "refused", "failed"}:
        raise ConfigError([f"{where}: ends: {ends}: write {_ENDS}"])
    try:
        return Case(
            source=path.name,
            name=str(data.get("name", data["line"])),
            line=data["line"],
            files={h: {p: str(c) for p, c in tree.items()} for h, tree in (data.get("files") or {}).items()},
            answers=_answers(data.get("answers") or {}),
            sent=None if data.get("sent") is None else [_sent(entry) for entry in data["sent"]],
            ends=ends,
            after=data.get("after") or {},
            at=None if data.get("at") is None else _at(str(data["at"])),
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise ConfigError([f"{where}: {error}; see docs/runbooks.md for the form"]) from None


def _at(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise ValueError(f"at: {text}: write a day, or a day and a time, as in 2026-11-22 19:00") from None


def _answers(data: dict[str, Any]) -> list[Answer]:
    """``"oa3: curl"`` or ``curl`` → the beginnings of commands, each with its answers in order."""
    found = []
    for key, says in data.items():
        host, _, line = key.rpartition(": ")
        answers = says if isinstance(says, list) else [says]
        found.append(Answer(host, tuple(shlex.split(line)), [_says(answer) for answer in answers]))
    return found


def _says(answer: Any) -> Said:
    if isinstance(answer, dict) and set(answer) <= {"out", "err", "exit"}:
        return Said(str(answer.get("out", "")), str(answer.get("err", "")), int(answer.get("exit", 0)))
    if isinstance(answer, dict):
        raise ValueError("an answer has out, err and exit")
    return Said(str(answer))


def _sent(entry: Any) -> tuple[str, list[str]]:
    if not isinstance(entry, dict) or len(entry) != 1:
        raise ValueError("sent: write each command as - oa3: the command")
    ((host, line),) = entry.items()
    return str(host), shlex.split(str(line))
