"""The tickets that an engineer's line names by number ("收到 007", "003 好了，004 我在看"), and what it says of each.

Three digits that stand alone are such a number, as the buttons write it. What is counted, dialled or reported by a number (minutes,
rooms, HTTP codes) is none.
"""

import re
from dataclasses import dataclass, replace

from bot.work.understanding import Act, Surroundings, Understanding
from handlers.triage.understand import understand

_FULL = r"gd-[0-9]{8}-[0-9]{3,9}"
_ONE = rf"(?:{_FULL}|(?!000)[0-9]{{3}}(?![0-9a-z_]))"
_TICKET = r"(?:工单号?|(?<![订递账])单号|单子|编号|号码|tickets?(?: (?:number|no\.?))?|no\.?|number|#)"
_CALLED = re.compile(r"工单|单|ticket|#")
_BETWEEN = rf"(?:\s*(?:[,、/&+和跟与及]|以及|还有|\band\b)\s*(?:{_TICKET}\s*)?|\s+)"
_RUN = re.compile(
    rf"(?P<before>{_TICKET}\s*)?(?<![0-9a-z_.:/@=+$¥-])(?<![0-9],)(?<![0-9]{{3}}\s)"
    rf"(?P<numbers>{_ONE}(?:{_BETWEEN}{_ONE})*)(?![0-9a-z_/%=+]|[:.,-][0-9]|-[a-z]|\s[0-9]{{4}})"
    r"(?P<after>\s*(?:号工单|号单子?|这[两三几]个|这个工单|这个单子?|工单|单子?|号(?![楼房门机线院厅])))?"
)
_EACH = re.compile(_ONE)
_CALLED_SO = re.compile(
    r"(?:分机号?|转分机|内线|房间号?|账号|帐号|密码|工号|用户|窗口|版本号?|区号|拨打?|电话|热线|端口号?|第|节点|主机|\b(?:ext|extension|version|room|line|dial|call|phone|tel|"
    r"port|node|host|build))\s*$"
)
"""In front of what is a number of something else, whatever its digits."""
_TOLD = re.compile(
    r"(?:报错?|错误码?|错误代码|代码|状态码?|返回码?|返回了?|提示|出现|显示|跳|弹出?|爆|抛|一直|都是|又是|还是|大?约|大概|近|超过?|共|[每满]|"
    r"达梦|\b(?:https?|error|code|status|returns?|returned|throws?|throwing|shows?|showing|gives?|an?|about|around|over|"
    r"under|than|up to|only|last|sees?|seeing|some|dm))\s*$"
)
_COUNTED = re.compile(
    r"\s*(?:分钟?|秒|小时|钟头|天|周|个|台|人|位|次|条|元|块|万|千|兆|[年月日]|层|楼|室|页|份|张|家|户|名|件|度|米|多|余|左右|以[上下内]|"
    r"端口|错误?|报错|异常|状态码?|代码|了(?!解)|号[楼房门机线院厅]|房|版本?|"
    r"(?:minutes?|mins?|secs?|seconds?|ms|hours?|hrs?|days?|users?|people|persons?|times?|requests?|mails?|errors?|bad|not found|"
    r"forbidden|internal|gateway|service|unauthori[sz]ed|timeouts?|too many|status|codes?|responses?|pages?|percent|[mgk]b|km|"
    r"eur|usd|rmb|yuan|dollars?|of|nodes?|hosts?|connections?|rows?|lines?|files?|per|on the|from the|when)\b)"
)
"""Around a code, an amount or a duration; a number that begins with 0 is none of these."""
_HERE = "\x00"
"""Where a number stood; no cleaned line has one of its own."""
_STOP = re.compile(r"([,。!?;~…\n]+|\.(?![0-9a-z])|\sand\s+(?=\x00)|\sbut\s)")
_SIGNS = " ,:-、"
_HAN = re.compile(r"[一-鿿]")
AROUND = 20
"""Characters around a number that say what it counts."""


@dataclass(frozen=True, slots=True)
class Written:
    """One number: the whole one, or three digits. ``plain``: it begins with 0 or is called a ticket's, so that it is hardly
    anything else; ``beside``: it is called so, or stands alone or beside the words that take or end something."""

    number: str
    plain: bool
    beside: bool

    @property
    def whole(self) -> bool:
        return len(self.number) > len("000")


@dataclass(frozen=True, slots=True)
class Part:
    """What a line says of the tickets of some numbers: the line as it reads without them."""

    numbers: tuple[Written, ...]
    line: Understanding


@dataclass(frozen=True, slots=True)
class _Run:
    """Numbers that stand together. ``called``: a word beside them says that they are a ticket's."""

    numbers: tuple[str, ...]
    called: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words between two stops, each of the runs of numbers among them as one sign."""

    text: str
    runs: tuple[_Run, ...]
    stop: str

    @property
    def words(self) -> str:
        return self.text.replace(_HERE, "").strip()


def written(line: Understanding) -> tuple[Written, ...]:
    """The numbers of tickets in a line, each once."""
    return tuple({number.number: number for part in parts(line) for number in part.numbers}.values())


def parts(line: Understanding) -> tuple[Part, ...]:
    """What a line says of each ticket that it names by number, in order; none where it names none."""
    runs: list[_Run] = []

    def mark(found: re.Match[str]) -> str:
        if not _is_ticket(found):
            return found[0]
        runs.append(_Run(tuple(_EACH.findall(found["numbers"])), _is_called(found)))
        return _HERE if _HAN.search(line.text) else f" {_HERE} "

    marked = _RUN.sub(mark, line.text)
    if not runs:
        return ()
    groups = _grouped(_pieces(marked, runs))
    return tuple(_part(group, line, alone=len(groups) == 1) for group in groups)


def _is_called(found: re.Match[str]) -> bool:
    return _CALLED.search(f"{found['before'] or ''} {found['after'] or ''}") is not None


def _is_ticket(found: re.Match[str]) -> bool:
    numbers = _EACH.findall(found["numbers"])
    before, after = found.string[: found.start()][-AROUND:], found.string[found.end() :][:AROUND]
    if any(len(number) > len("000") for number in numbers) or _is_called(found):
        return True
    if _CALLED_SO.search(before):
        return False
    return numbers[0].startswith("0") or not (_TOLD.search(before) or _COUNTED.match(after))


def _pieces(marked: str, runs: list[_Run]) -> list[_Piece]:
    """The pieces of a line; one that begins with a number ends at the next number ("003好了004我来")."""
    found: list[_Piece] = []
    rest = iter(runs)
    cut = _STOP.split(marked)
    for text, stop in zip(cut[::2], [*cut[1::2], ""], strict=True):
        said = text.strip()
        opening = said.startswith(_HERE)
        each = [f"{_HERE}{words}" for words in said.split(_HERE)[1:]] if opening else [said]
        for place, piece in enumerate(each, start=1):
            here = tuple(next(rest) for _ in range(piece.count(_HERE)))
            found.append(_Piece(piece, here, stop if place == len(each) else ","))
    return [piece for piece in found if piece.text or "?" in piece.stop]


def _grouped(pieces: list[_Piece]) -> list[list[_Piece]]:
    """What belongs together: numbers and the words up to the next number, and with the first those before it."""
    groups: list[list[_Piece]] = [[]]
    for piece in pieces:
        now = groups[-1]
        first = next((place for place, before in enumerate(now) if before.runs), len(now))
        told = any(before.words for before in now[first:])
        if piece.runs and told and not (piece is pieces[-1] and not piece.words):
            groups.append([])
        groups[-1].append(piece)
    return [group for group in groups if any(piece.runs for piece in group)]


def _part(group: list[_Piece], line: Understanding, *, alone: bool) -> Part:
    """``alone``: the line is about nothing else, and its words are those of the part."""
    numbers: dict[str, Written] = {}
    for piece in group:
        takes = bool(piece.runs) and (not piece.words or _does(_read([piece], line)))
        for run in piece.runs:
            for number in run.numbers:
                called = run.called or len(number) > len("000")
                plain = called or number.startswith("0")
                numbers.setdefault(number, Written(number.upper(), plain=plain, beside=called or takes))
    read = _read(group, line)
    return Part(tuple(numbers.values()), replace(read, words=line.words) if alone else read)


def _does(line: Understanding) -> bool:
    return line.takes or line.does(Act.END)


def _read(pieces: list[_Piece], line: Understanding) -> Understanding:
    """The pieces as they read without their numbers; in English with "it" in their place where that says more ("got 002")."""
    said = "".join(piece.text + piece.stop for piece in pieces)
    without = " ".join(said.replace(_HERE, "").split()).strip(_SIGNS)
    named = [] if _HAN.search(said) else [" ".join(said.replace(_HERE, " it ").split()).strip(_SIGNS)]
    around = Surroundings(line.open, line.refers_to)
    readings = [understand(form, line.speaker, around) for form in (without, *named)]
    return next((reading for reading in readings if _does(reading)), readings[0])
