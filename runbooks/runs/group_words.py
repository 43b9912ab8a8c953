"""How a run is spoken of in a group of reporters: its servers by their names, not by where they are."""

import re
from dataclasses import replace

from bot.work.work import Work
from data.site import Site
from runbooks.planning.plan import Plan
from runbooks.runs.notices import answer_chat
from runbooks.runs.run import Run

_END = r"(?![0-9A-Za-z.-])"
_PORT = rf"(?::[0-9]{{1,5}})?{_END}"


def in_words(work: Work, chat: str, run: Run, plan: Plan | None = None) -> tuple[Run, Plan]:
    """The run and its plan (its own where none is given) as they may be told in a chat; elsewhere as they are."""
    plan = plan or run.plan
    if answer_chat(work, chat, run.requester) == chat:
        return run, plan
    line, what, undo = (by_name(work.site, text) for text in (plan.line, plan.what, plan.undo))
    told = replace(plan, line=line, what=what, undo=undo)
    return replace(run, line=by_name(work.site, run.line), plan=told), told


def by_name(site: Site, text: str) -> str:
    """The text with the id of its host in place of every address; a line means the same so, and can be typed anywhere."""
    for address, name in _names(site).items():
        end = _END if ":" in address else _PORT
        text = re.sub(rf"(?<![0-9A-Za-z.-]){re.escape(address)}{end}", name, text)
    return text


def _names(site: Site) -> dict[str, str]:
    """The id of the host behind each address, the longest address first; of two hosts on one the node, by its port."""
    found: dict[str, str] = {}
    for host in sorted(site.hosts.values(), key=lambda host: not host.upstream):
        for address in (host.upstream, (host.upstream or "").rpartition(":")[0], host.address):
            if address:
                found.setdefault(address, host.id)
    return dict(sorted(found.items(), key=lambda known: len(known[0]), reverse=True))
