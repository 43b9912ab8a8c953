"""How a run is spoken of in a group of reporters: its servers by their names, not by where they are."""

import re
from dataclasses import replace

from bot.work.work import Work
from runbooks.planning.plan import Plan
from runbooks.runs.notices import answer_chat
from runbooks.runs.run import Run

_PORT = r"(?::[0-9]{1,5})?(?![0-9.])"


def in_words(work: Work, chat: str, run: Run, plan: Plan | None = None) -> tuple[Run, Plan]:
    """The run and its plan (its own where none is given) as they may be told in a chat; elsewhere as they are."""
    plan = plan or run.plan
    if answer_chat(work, chat, run.requester) == chat:
        return run, plan
    names = _names(work)

    def named(text: str) -> str:
        for address, name in names.items():
            text = re.sub(rf"(?<![0-9A-Za-z.-]){re.escape(address)}{_PORT}", name, text)
        return text

    told = replace(plan, line=named(plan.line), what=named(plan.what), undo=named(plan.undo))
    return replace(run, line=named(run.line), plan=told), told


def _names(work: Work) -> dict[str, str]:
    """The name of the host behind each address, the longest address first."""
    found = {}
    for host in work.site.hosts.values():
        for address in (host.address, (host.upstream or "").rpartition(":")[0]):
            if address:
                found[address] = host.id
    return dict(sorted(found.items(), key=lambda known: len(known[0]), reverse=True))
