"""What the app said last in each of its posts, and which rights to change a card are left (WeCom 94888).

A ``response_code`` comes with a card that was sent and with each click on it, changes that card once, and lives 72 hours. In
memory: after a restart a post that changes is said anew.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from bot.core.content import Post

MOST = 20_000  # posts remembered
_SETTLED = ("quiet", "done")  # tones of what somebody took or ended; lateness alone is told by messages of its own
State = tuple[str, tuple[str, ...]]


def state_of(post: Post) -> State:
    """How things stand by a post: whether it is settled, and what can be done."""
    tone = post.card.tone if post.card else ""
    return tone if tone in _SETTLED else "", tuple(button.action for button in post.buttons)


@dataclass
class Shown:
    """One post as it stands: ``card`` is the task id of its newest card, ``codes`` the unused rights to change that.

    ``trying``: the right that was tried last, and the client key of the change.
    """

    card: str = ""
    state: State | None = None
    codes: list[str] = field(default_factory=list)
    trying: tuple[str, str] | None = None


class Said:
    """Posts by message id."""

    def __init__(self) -> None:
        self._posts: OrderedDict[str, Shown] = OrderedDict()

    def get(self, message: str) -> Shown:
        """What is known of a post; of one from before a restart, nothing."""
        return self._posts.get(message, Shown())

    def sent(self, message: str, state: State, card: str = "", code: str = "") -> None:
        """The post stands anew, as a card with the right to change it, or as plain text."""
        self._posts[message] = Shown(card, state, [code] if code else [])
        self._posts.move_to_end(message)
        while len(self._posts) > MOST:
            self._posts.popitem(last=False)

    def clicked(self, message: str, card: str, code: str) -> None:
        """A click brought another right; one for an older card of the post is of no use."""
        shown = self._posts.setdefault(message, Shown(card))
        if shown.card == card and code and code not in shown.codes:
            shown.codes.append(code)
