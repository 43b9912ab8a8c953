"""How an end is told, by a hand-worked table: what sshd reports of it, the fault, and the status that people are shown."""

import pytest

from runbooks.engine.judging import ended_wrongly, told_status
from runbooks.planning.outcome import StepFault
from runbooks.remote.command import Result


@pytest.mark.parametrize(
    ("status", "signal", "seconds", "fault", "shown"),
    [
        (3, None, 1.0, StepFault.EXIT, 3),
        (128, None, 1.0, StepFault.EXIT, 128),
        (141, None, 1.0, StepFault.SIGNAL, 141),  # SIGPIPE, as a shell in between reports it
        (None, "PIPE", 1.0, StepFault.SIGNAL, 141),
        (None, "KILL", 1.0, StepFault.SIGNAL, 137),
        (None, "KILL", 60.0, StepFault.TIME, None),
        (
            None,
            "SIG@openssh.com",
            1.0,
            StepFault.SIGNAL,
            None,
        ),  # what sshd says of SIGBUS; it was not the limit, nor SIGKILL
        (None, "SIG@openssh.com", 60.0, StepFault.SIGNAL, None),
        (145, None, 1.0, StepFault.EXIT, 145),  # SIGCHLD ends nothing
        (162, None, 1.0, StepFault.EXIT, 162),
    ],
)
def test_8_20_a_signal_is_told_as_the_one_it_was(
    status: int | None, signal: str | None, seconds: float, fault: StepFault, shown: int | None
) -> None:
    result = Result(status, signal, b"", b"", False, seconds, limit=60)
    told = ended_wrongly(result)
    assert (told, told_status(told, result)) == (fault, shown)
