"""A yes or no to a run in somebody's own words: it is none, and he is told which run waits and how to say it.

What changes servers is confirmed by a button or the exact words alone (decisions: Hearing, Chats); but who says "确认" where a
run waits means it, and thinks that it was heard.
"""

import re
from dataclasses import dataclass
from unicodedata import normalize

from bot.core.errors import Again, UserError
from bot.core.events import Message
from bot.core.people import Person
from bot.work.posts import post_of
from bot.work.understanding import Understanding
from bot.work.work import Work
from handlers.runs import naming
from runbooks.runs import policy, store
from runbooks.runs.group_words import by_name
from runbooks.runs.run import OPEN, Run, State, number_of

_NUMBER = re.compile(r"(?<![a-z0-9])r[1-9][0-9]{0,8}(?![0-9a-z])")
_SIGNS = re.compile(r"[\s\W_]+")
_THUMBS = str.maketrans(dict.fromkeys("👍👌", " ok "))
_YES = re.compile(
    r"(?:我)?(?:确认|确定|同意|批准|准许)(?:执行|操作|继续)?(?:了|吧|的)?|(?:i )?(?:confirm(?:ed)?|approved?|agreed?)(?: it)?"
)
_NO = re.compile(
    r"(?:我)?(?:拒绝|驳回|否决|不同意|不批准|不确认|取消|不执行|不要执行|别执行)(?:执行)?(?:了|吧)?"
    r"|(?:i )?(?:reject(?:ed)?|deny|denied|refused?|cancel(?:led)?)(?: it)?|do not run(?: it)?|don t run(?: it)?"
)
_YES_TO_IT = re.compile(
    r"好|好的|行|可以|可以执行|执行|执行吧|没问题|通过|继续|是|是的|对|嗯|ok|okay|yes|y|1|sure|go ahead|go on|continue"
)
"""A yes where it is said to the bot, below the plan or with the run's number; in a room of people it is talk."""
_NO_TO_IT = re.compile(r"不|不行|不可以|不要|别|先别|先不|等等|停|no|n|not now|wait|stop")


@dataclass(frozen=True, slots=True)
class _Answer:
    """``yes`` or no; ``plain``: in words that mean it wherever they are said; ``names`` the runs named with it."""

    yes: bool
    plain: bool
    names: tuple[str, ...]


def worded(event: Message, line: Understanding, work: Work) -> bool:
    """Tells who says yes or no in his own words how a yes is said; raises the refusal that the exact words would meet.

    Of somebody who may neither ask for nor confirm the run, and of a quote of something else, it takes nothing.
    """
    person, answer = work.actor, _read(line.words)
    if person is None or answer is None:
        return False
    runs = [run for run in _meant(event, answer, work) if _has_part(run, person)]
    if not runs:
        return False
    told = [f"{run.name}（{by_name(work.site, run.line)}）" for run in runs]
    if not answer.yes:
        if not any(run.state in OPEN for run in runs):
            raise Again("run_over", run=runs[0].name)
        raise UserError("no_in_words", runs=told, name=runs[0].name)
    waits = runs[0].state is State.RUNNING and runs[0].waits is not None
    if len(runs) == 1:
        check = policy.check_go_on if waits else policy.check_confirm
        check(work, runs[0], person)
        naming.check_chat(work, runs[0], event.envelope.chat, "resume" if waits else "confirm")
    raise UserError("yes_in_words", runs=told, name=runs[0].name, verb="resume" if waits else "confirm")


def _has_part(run: Run, person: Person) -> bool:
    return person.id == run.requester or policy.may_run(run, person) or policy.may_confirm(run, person)


def _read(words: str) -> _Answer | None:
    """The yes or no that a line is and nothing else, but for the numbers of runs; None for any other."""
    typed = normalize("NFKC", words).casefold().translate(_THUMBS)
    rest = _SIGNS.sub(" ", _NUMBER.sub(" ", typed)).strip()
    names = tuple(found.upper() for found in dict.fromkeys(_NUMBER.findall(typed)))
    for yes, plain, pattern in (
        (True, True, _YES),
        (False, True, _NO),
        (True, False, _YES_TO_IT),
        (False, False, _NO_TO_IT),
    ):
        if pattern.fullmatch(rest):
            return _Answer(yes, plain, names)
    return None


def _meant(event: Message, answer: _Answer, work: Work) -> list[Run]:
    """The runs with that number, else those whose message it quotes, else those that wait in the chat for an answer."""
    if answer.names:
        return [run for name in answer.names if (number := number_of(name)) and (run := store.get(work, number))]
    waiting = [run for run in store.in_state(work.session, *OPEN) if _waits(run) and event.envelope.chat in run.chats]
    if event.reply_to or event.thread or event.quote:
        return [run for run in waiting if _quotes(event, run, work)]
    chat = work.site.chat(event.envelope.chat)
    to_it = answer.plain or event.to_bot or (chat is not None and chat.private)
    return waiting if to_it else []


def _waits(run: Run) -> bool:
    return run.state is State.ASKED or (run.state is State.RUNNING and run.waits is not None)


def _quotes(event: Message, run: Run, work: Work) -> bool:
    chat = event.envelope.chat
    keys = {post_of(work, chat, message) for message in (event.reply_to, event.thread) if message}
    told = _NUMBER.match(normalize("NFKC", event.quote).casefold())
    return bool(keys & {key for _, key in run.posts}) or (told is not None and told[0].upper() == run.name)
