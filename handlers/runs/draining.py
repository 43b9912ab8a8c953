"""Old connections are waited for once more, because somebody says so: for a run that waits for them, or after one that is done."""

from bot.core.errors import UserError
from bot.core.events import Envelope, Tap
from bot.work.work import Work
from handlers.runs import naming
from runbooks.runs import drain_notices, policy, watches
from runbooks.runs.run import Run

WAIT = frozenset({"再等", "wait"})  # behind /resume R17


def wait_tap(event: Tap, work: Work) -> None:
    """The button below what is said when the longest wait is over."""
    wait(naming.named(work, event.subject), event.envelope, work)


def wait(run: Run, envelope: Envelope, work: Work) -> None:
    """It only reads, so whoever may run or confirm it may let it wait; never longer at once than the runbook says."""
    policy.check_part(run, naming.actor(work))
    watch = watches.of_run(work.session, run)
    until = watches.lengthen(work, run, watch) if watch else None
    if watch is None or until is None:
        raise UserError("nothing_to_wait_for", run=run.name)
    work.audit("run.wait_longer", run.name, line=run.line, step=watch.place)
    drain_notices.lengthened(work, run, watch.place, {envelope.chat}, until)
