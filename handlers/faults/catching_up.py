"""After a pause each timer fires once, with its age; what would only repeat it does not (decisions: Quiet catching up)."""

from datetime import timedelta

from bot.core.events import Due
from data.model import Policy
from handlers.faults import rules


def told_again(policy: Policy, number: int, age: timedelta) -> bool:
    """Whether the ``number``-th step may be left out at this age: a later one is overdue as well and tells the same people.

    The breach is more than a word to people, and never is.
    """
    step = rules.step(policy, number)
    if step is None or step.breach:
        return False
    later = rules.step(policy, number + 1)
    while later is not None and later.after <= age:
        if set(step.to) <= set(later.to):
            return True
        number += 1
        later = rules.step(policy, number + 1)
    return False


def lateness(event: Due) -> timedelta:
    """How late a timer fires, with what the ones before it of its row were late; nothing where it is not worth a word."""
    late = timedelta(seconds=event.late + float(event.payload.get("late", 0)))
    return late if late >= rules.LATE else timedelta()
