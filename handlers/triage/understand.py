"""From one line, its speaker and what is open around it to the one understanding that every capability hears."""

import re
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
from handlers.triage import words
from handlers.triage.greetings import calls_desk, is_greeting
from handlers.triage.labels import THIRD_PARTY, Reading, System
from handlers.triage.languages import tongue_of
from handlers.triage.text import clean, without_quoted
from handlers.triage.tongue import Tongue

SURE = 0.7
"""Below this the engineer is asked whether it is a fault; the clock runs meanwhile (product: Fault intake)."""
SHORT = 3
"""Characters; less than that, said to the bot, is no report that somebody should look at."""
_ALL = re.compile(r"都|全部|全好|[两三四]个|[两三四]边|\b(?:both|all|everything|each)\b", re.IGNORECASE)
NOWHERE = Surroundings()


def speaker_of(person: Person | None) -> Speaker:
    """How triage sees the sender: engineer, vendor, or user (everybody else, also a director)."""
    if person is not None and person.may(Role.ENGINEER):
        return Speaker.ENGINEER
    return Speaker.VENDOR if person is not None and person.may(Role.VENDOR) else Speaker.USER


def understand(text: str, speaker: Speaker = Speaker.USER, around: Surroundings = NOWHERE) -> Understanding:
    """Clean and judge one line, once; never raises, whatever the text."""
    said = spoken(text)
    words_alone = _own_words(said, speaker, around)
    line = tongue_of(words_alone)
    reading = _judged(line, speaker, around)
    correction = line.corrected() if speaker is Speaker.USER else None
    greets = is_greeting(words_alone)
    first, *also = _acts(line, reading, speaker, around) or [_idle(line)]
    subject = correction.meant if correction else _subject(line, reading)
    about = subject if correction else reading.system if reading.kind is Kind.FAULT else None
    return Understanding(
        words=said,
        text=words_alone,
        speaker=speaker,
        kind=reading.kind,
        act=first,
        also=tuple(also),
        route=reading.route,
        system=reading.system.value if reading.system else None,
        subject=subject.value if subject else None,
        systems=frozenset(system.value for system in line.systems),
        scope=reading.severity,
        certainty=_certainty(words_alone, line, reading, greets=greets),
        failing=line.failing,
        greets=greets,
        duty_day=_duty_day(line, said, text),
        refers_to=around.refers_to,
        open=around.open,
        symptom=line.symptom() if reading.kind is Kind.FAULT else None,
        names=line.names(about) if about else frozenset(),
        parts=line.parts() if reading.kind is Kind.FAULT else frozenset(),
        hedged=not line.is_sure(),
        takes=speaker is Speaker.ENGINEER and line.takes(),
        leaves=speaker is Speaker.ENGINEER and line.leaves(),
        denies=correction.denied.value if correction and correction.denied else None,
    )


def _judged(line: Tongue, speaker: Speaker, around: Surroundings) -> Reading:
    """What a line is, seen from its chat. What an engineer tells of another unit is about nothing that is open here, and what he
    says below a quote is about that."""
    if speaker is not Speaker.ENGINEER:
        return line.judge(speaker, around.systems)
    role = speaker if around.refers_to is None else Speaker.VENDOR  # of staff, who reports nothing in words of his own
    return line.judge(role, frozenset() if around.elsewhere else around.systems)


def _own_words(said: str, speaker: Speaker, around: Surroundings) -> str:
    """What somebody says himself, cleaned, without the lines that he quotes by hand; who only passes a report on says that."""
    whole, unquoted = clean(said), without_quoted(said)
    if unquoted == said:
        return whole
    own = clean(unquoted)
    line = tongue_of(own)
    reading = _judged(line, speaker, around)
    passes_on = (
        {Act.ASK} if around.open else {Act.ASK, Act.CHASE}
    )  # "帮忙看下" is about what stands above, or about his ticket
    if reading.kind is Kind.FAULT or set(_acts(line, reading, speaker, around)) - passes_on:
        return own
    return whole if _judged(tongue_of(whole), speaker, around).kind is Kind.FAULT else own


def _duty_day(line: Tongue, said: str, text: str) -> str | None:
    """The day for which it is asked who is on duty; said to the bot, its name is a part of the question: ``@值班 电话多少``."""
    day = line.day_asked()
    return tongue_of(clean(f"值班{said}")).day_asked() if day is None and said and heard(text).bot else day


def only_greets(text: str, *, called: bool = False) -> bool:
    """Whether a line calls somebody of the desk and says nothing; ``called``: it was said to the bot, so that a hello is enough."""
    said = clean(text)
    return is_greeting(said) and (called or calls_desk(said))


def adds_to_report(text: str) -> bool:
    """Whether a reporter's further line goes on about his report: a detail or a picture."""
    said = spoken(text)
    words_alone = clean(said)
    return tongue_of(words_alone).adds() if words_alone else said.startswith("[")


def means_all(text: str) -> bool:
    """Whether a cleaned line is about everything that it may be about ("都好了", "both fine now")."""
    return _ALL.search(text) is not None


def of_other_things(text: str) -> bool:
    """Whether a cleaned line speaks of what is none of ours: the printer, the canteen."""
    return words.OUT_OF_SCOPE.search(text) is not None


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


def _acts(line: Tongue, reading: Reading, speaker: Speaker, around: Surroundings) -> list[Act]:
    """Everything that a line does, the first first; a report besides that only says no (dialogue rules 1–7)."""
    if reading.kind is Kind.FAULT:
        return [Act.REPORT, *_beside_report(line, speaker)]
    match speaker:
        case Speaker.ENGINEER:
            ends = line.is_resolved(by_engineer=True)
            done = (
                (Act.ANSWER, line.is_response()),
                (Act.END, ends),
                (Act.PROBE, not ends and line.asks_whether_over()),
                (Act.RELAPSE, not ends and line.is_relapse()),
            )
            return [act for act, does in done if does]
        case Speaker.VENDOR:
            if line.is_resolved(by_engineer=True):
                return [Act.END, Act.PROGRESS]
            return [Act.PROGRESS, Act.RELAPSE] if line.is_relapse() else [Act.PROGRESS]
        case Speaker.USER:
            return list(_by_user(line, reading, around))


def _beside_report(line: Tongue, speaker: Speaker) -> Iterator[Act]:
    """What else a report does; an engineer's is an answer where nothing is reported, in his own chat with the bot."""
    match speaker:
        case Speaker.ENGINEER:
            if line.is_response():
                yield Act.ANSWER
        case Speaker.USER:
            if line.is_relapse():
                yield Act.RELAPSE
            if line.corrected():
                yield Act.CORRECT
        case Speaker.VENDOR:
            return


def _by_user(line: Tongue, reading: Reading, around: Surroundings) -> Iterator[Act]:
    if line.corrected() and not line.is_resolved():
        yield Act.CORRECT
        if reading.kind is not Kind.OTHER:
            yield Act.ASK
        return
    if around.open and line.is_me_too():
        yield Act.JOIN
    if reading.kind is not Kind.OTHER:
        yield Act.ASK
        return
    if line.is_withdrawn():
        yield Act.WITHDRAW
    if line.is_resolved():
        yield Act.END
    elif line.is_yes():
        yield Act.CONFIRM
    if line.is_no():
        yield Act.DENY
    elif line.is_relapse():
        yield Act.RELAPSE
    if line.is_chasing():
        yield Act.CHASE


def _idle(line: Tongue) -> Act:
    """What does nothing to a ticket: a notice, thanks, or talk."""
    if line.notice:
        return Act.NOTICE
    return Act.THANK if line.thanks else Act.NOTHING


def _subject(line: Tongue, reading: Reading) -> System | None:
    if reading.kind is Kind.FAULT:
        return reading.system if reading.named else None
    return line.subject()


def _certainty(said: str, line: Tongue, reading: Reading, *, greets: bool) -> Certainty:
    """A fault is doubtful by its reading; other words where they are neither short nor about something else."""
    if reading.confidence >= SURE:
        return Certainty.SURE
    idle = reading.kind is not Kind.FAULT and (greets or len(said) <= SHORT or line.off_topic)
    return Certainty.SURE if idle else Certainty.DOUBTFUL
