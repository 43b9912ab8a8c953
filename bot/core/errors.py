"""What can go wrong, sorted by what is done about it: tell them, tell and log, try again; the rest is a bug."""

from typing import Any


class UserError(Exception):
    """Something a person typed cannot be done; the chat gets the sentence of template ``refusals/<code>``.

    ``code`` is the stable refusal code that stands in the audit log; ``facts`` are the values of the template.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Again(UserError):
    """What was asked for is so already, or is over: a colleague hears it in his own direct chat, a reporter where he spoke.

    Two people press the same button, somebody types what he has typed: what follows from it is said once.
    """


class Refused(UserError):
    """The same, and an attempt at something this person or moment does not allow: told, logged and audited."""


class Temporary(Exception):
    """It may work later: the sender retries after ``retry_after`` seconds (its own back-off when None).

    ``uncertain`` says that the other side may have taken it all the same (a timeout after sending).
    """

    def __init__(self, reason: str, retry_after: float | None = None, *, uncertain: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.uncertain = uncertain


class Rejected(Exception):
    """The other side said no for good (chat gone, robot removed): no retry, the operators are told."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Gone(Rejected):
    """The message that was to be changed is not there any more, or cannot be changed any more: nothing is left to show."""


class ConfigError(Exception):
    """Faults in settings or data, all of them at once; each line names file, line and what to write instead."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
