"""From one line, its speaker and what is open around it to the one understanding that every capability hears."""

from collections.abc import Iterator
from dataclasses import replace

from bot.core.calling import heard
from bot.core.commands import spoken
from bot.core.people import Person, Role
from bot.work.understanding import (
    Act,
    Certainty,
    Kind,
    RouteName,
    Scope,
    Speaker,
    Surroundings,
    Understanding,
)
from handlers.triage import topics, words
from handlers.triage.dialogue import (
    DESK,
    GREETING,
    GREETS,
    OFF_TOPIC,
    THANKS,
    adds,
    asks_whether_over,
    chasing,
    is_me_too,
    is_no,
    is_relapse,
    is_resolved,
    is_response,
    is_sure,
    is_withdrawn,
    is_yes,
)
from handlers.triage.labels import THIRD_PARTY, Reading, System
from handlers.triage.likeness import sort_of
from handlers.triage.roster import day_asked
from handlers.triage.rules import judge
from handlers.triage.signs import Line, cleaned
from handlers.triage.text import clean

SURE = 0.7
"""Below this the engineer is asked whether it is a fault; the clock runs meanwhile (product: Fault intake)."""
SHORT = 3
"""Characters; less than that, said to the bot, is no report that somebody should look at."""
LONGEST_HELLO = 30
"""Characters; a longer line says more than hello."""
NOWHERE = Surroundings()


def speaker_of(person: Person | None) -> Speaker:
    """How triage sees the sender: engineer, vendor, or user (everybody else, also a director)."""
    if person is not None and person.may(Role.ENGINEER):
        return Speaker.ENGINEER
    return Speaker.VENDOR if person is not None and person.may(Role.VENDOR) else Speaker.USER


def understand(text: str, speaker: Speaker = Speaker.USER, around: Surroundings = NOWHERE) -> Understanding:
    """Clean and judge one line, once; never raises, whatever the text."""
    said = spoken(text)
    line = cleaned(said)
    reading = judge(line, speaker, around.systems)
    first, *also = _acts(line, reading, speaker, around) or [_idle(line)]
    subject = _subject(line, reading)
    return Understanding(
        words=said,
        text=line.text,
        speaker=speaker,
        kind=reading.kind,
        act=first,
        also=tuple(also),
        route=reading.route,
        system=reading.system.value if reading.system else None,
        subject=subject.value if subject else None,
        systems=frozenset(system.value for system in line.systems),
        scope=reading.severity,
        certainty=_certainty(line, reading),
        failing=line.signs.failing is not None,
        greets=GREETING.fullmatch(line.text) is not None,
        duty_day=_duty_day(line, said, text),
        refers_to=around.refers_to,
        open=around.open,
        symptom=sort_of(line.text) if reading.kind is Kind.FAULT else None,
        hedged=not is_sure(line),
    )


def _duty_day(line: Line, said: str, text: str) -> str | None:
    """The day for which it is asked who is on duty; said to the bot, its name is a part of the question: ``@值班 电话多少``."""
    day = day_asked(line)
    return day_asked(cleaned(f"值班{said}")) if day is None and said and heard(text).bot else day


def only_greets(text: str, *, called: bool = False) -> bool:
    """Whether a line calls somebody of the desk and says nothing; ``called``: it was said to the bot, so that a hello is enough."""
    said = clean(text)
    return (
        len(said) <= LONGEST_HELLO and GREETS.fullmatch(said) is not None and (called or DESK.search(said) is not None)
    )


def adds_to_report(text: str) -> bool:
    """Whether a reporter's further line goes on about his report: a detail or a picture."""
    said = spoken(text)
    words_alone = clean(said)
    return adds(words_alone) if words_alone else said.startswith("[")


def plain_form(text: str) -> str:
    """What two copies of one text have in common: no mentions, signs that do not show, or upper case; blanks as one."""
    return " ".join(clean(text).split())


def as_fault(line: Understanding, about: str | None = None) -> Understanding:
    """The same line taken as a fault because a person says so, or may say so; ``about``: the system where it names none."""
    if line.kind is Kind.FAULT:
        return line
    system = line.system or line.subject or about or System.OA.value
    route = RouteName.THIRD_PARTY if system in THIRD_PARTY else RouteName.INTERNAL
    return replace(line, kind=Kind.FAULT, act=Act.REPORT, also=(), route=route, system=system, scope=Scope.BLOCKED)


def _acts(line: Line, reading: Reading, speaker: Speaker, around: Surroundings) -> list[Act]:
    """Everything that a line does, the first first; a report besides that only says no (dialogue rules 1–7)."""
    if reading.kind is Kind.FAULT:
        return [Act.REPORT, Act.RELAPSE] if speaker is Speaker.USER and is_relapse(line) else [Act.REPORT]
    match speaker:
        case Speaker.ENGINEER:
            ends = is_resolved(line, by_engineer=True)
            done = (
                (Act.ANSWER, is_response(line)),
                (Act.END, ends),
                (Act.PROBE, not ends and asks_whether_over(line)),
            )
            return [act for act, does in done if does]
        case Speaker.VENDOR:
            return [Act.END, Act.PROGRESS] if is_resolved(line, by_engineer=True) else [Act.PROGRESS]
        case Speaker.USER:
            return list(_by_user(line, reading, around))


def _by_user(line: Line, reading: Reading, around: Surroundings) -> Iterator[Act]:
    if around.open and is_me_too(line):
        yield Act.JOIN
    if reading.kind is not Kind.OTHER:
        yield Act.ASK
        return
    if is_withdrawn(line):
        yield Act.WITHDRAW
    if is_resolved(line):
        yield Act.END
    elif is_yes(line):
        yield Act.CONFIRM
    if is_no(line):
        yield Act.DENY
    elif is_relapse(line):
        yield Act.RELAPSE
    if chasing(line):
        yield Act.CHASE


def _idle(line: Line) -> Act:
    """What does nothing to a ticket: a notice, thanks, or talk."""
    if words.NOTICE.search(line.text):
        return Act.NOTICE
    return Act.THANK if THANKS.search(line.text) else Act.NOTHING


def _subject(line: Line, reading: Reading) -> System | None:
    if reading.kind is Kind.FAULT:
        return reading.system if reading.named else None
    found = topics.subject(line.text, named=line.systems)
    return found[0] if found else None


def _certainty(line: Line, reading: Reading) -> Certainty:
    """A fault is doubtful by its reading; other words where they are neither short nor about something else."""
    if reading.confidence >= SURE:
        return Certainty.SURE
    idle = reading.kind is not Kind.FAULT and (
        len(line.text) <= SHORT or OFF_TOPIC.search(line.text) or GREETING.fullmatch(line.text)
    )
    return Certainty.SURE if idle else Certainty.DOUBTFUL
