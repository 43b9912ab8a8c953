"""Where a step of a plan goes: one machine as SSH reaches it, and as which user."""

from dataclasses import dataclass

from data.model import PLAIN, AccountTraits


@dataclass(frozen=True, slots=True)
class Target:
    """A machine as SSH reaches it. ``become`` is the user the command runs as, after signing in as ``user``.

    ``jump``: the machine that the connection goes through. ``account``: what is peculiar to the account that signs in.
    """

    id: str
    address: str
    port: int = 22
    user: str = "root"
    become: str | None = None
    jump: "Target | None" = None
    account: AccountTraits = PLAIN

    @property
    def way(self) -> "tuple[Target, ...]":
        """The machines on the way to it, and itself last."""
        return (*self.jump.way, self) if self.jump else (self,)
