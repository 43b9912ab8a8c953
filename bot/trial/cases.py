"""What a site expects of its runbooks, read from ``NAME.test.yaml``: a command line, what the hosts say, what they must be sent."""

import shlex
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bot.core.errors import ConfigError
from bot.core.problems import Line, Told, nearest_of
from bot.trial.host import Answer, Said

_KEYS = {"name", "line", "files", "answers", "sent", "ends", "after", "at"}


class _Unfit(ValueError):
    """What stands in a case does not have the form it needs."""

    def __init__(self, told: Told) -> None:
        super().__init__(told.name)
        self.told = told


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
        raise _wrong(path, Told("runbooks/cases_unread", reason=str(error))) from None
    if not isinstance(data, dict) or not isinstance(data.get("cases"), list):
        raise _wrong(path, Told("runbooks/cases_missing"))
    return [_case(path, place, case) for place, case in enumerate(data["cases"], 1)]


def _wrong(path: Path, told: Told) -> ConfigError:
    return ConfigError([Line(f"{path}: ", told, "zh")])


def _case(path: Path, place: int, data: Any) -> Case:
    try:
        return _read(path, data)
    except _Unfit as error:
        told = error.told
    except (AttributeError, TypeError, ValueError) as error:
        told = Told("runbooks/case_unfit", reason=str(error))
    raise _wrong(path, Told("runbooks/case", place=place, fault=told))


def _read(path: Path, data: Any) -> Case:
    if not isinstance(data, dict) or not isinstance(data.get("line"), str):
        raise _Unfit(Told("runbooks/case_line"))
    unknown = sorted(str(key) for key in data if key not in _KEYS)
    if unknown:
        raise _Unfit(Told("data/unknown_key", key=unknown[0], near=nearest_of(unknown[0], _KEYS)))
    ends = str(data.get("ends", "done"))
    if ends.partition(" ")[0] not in {"done", "refused", "failed"}:
        raise _Unfit(Told("runbooks/case_ends", given=ends))
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


def _at(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise _Unfit(Told("runbooks/case_at", given=text)) from None


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
        raise _Unfit(Told("runbooks/case_said"))
    return Said(str(answer))


def _sent(entry: Any) -> tuple[str, list[str]]:
    if not isinstance(entry, dict) or len(entry) != 1:
        raise _Unfit(Told("runbooks/case_sent"))
    ((host, line),) = entry.items()
    return str(host), shlex.split(str(line))
