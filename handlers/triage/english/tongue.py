"""An English line as the desk hears it: every question of ``Tongue``, answered by the tables of this folder."""

from handlers.triage.english import corrections, dialogue, endings, likeness, naming, roster, rules, taking, talk, words
from handlers.triage.english.signs import Line
from handlers.triage.labels import Correction, Reading, System


class English:
    """One cleaned line, read in English."""

    def __init__(self, text: str) -> None:
        self._line = Line(text)

    @property
    def systems(self) -> frozenset[System]:
        return frozenset(self._line.systems)

    @property
    def failing(self) -> bool:
        return self._line.signs.failing is not None

    @property
    def notice(self) -> bool:
        return words.NOTICE.search(self._line.said) is not None

    @property
    def thanks(self) -> bool:
        return talk.THANKS.search(self._line.said) is not None

    @property
    def off_topic(self) -> bool:
        return talk.OFF_TOPIC.search(self._line.said) is not None

    def judge(self, role: str, open_systems: frozenset[str]) -> Reading:
        return rules.judge(self._line, role, open_systems)

    def subject(self) -> System | None:
        found = naming.subject(self._line.said)
        return found[0] if found else None

    def symptom(self) -> str | None:
        return likeness.sort_of(self._line.said)

    def names(self, system: System) -> frozenset[str]:
        return likeness.names(self._line.said, system)

    def parts(self) -> frozenset[str]:
        return likeness.parts(self._line.said)

    def day_asked(self) -> str | None:
        return roster.day_asked(self._line)

    def is_me_too(self) -> bool:
        return dialogue.is_me_too(self._line)

    def is_resolved(self, *, by_engineer: bool = False) -> bool:
        return dialogue.is_resolved(self._line, by_engineer=by_engineer)

    def corrected(self) -> Correction | None:
        return corrections.corrected(self._line)

    def is_withdrawn(self) -> bool:
        return dialogue.is_withdrawn(self._line)

    def is_relapse(self) -> bool:
        return dialogue.is_relapse(self._line)

    def is_no(self) -> bool:
        return dialogue.is_no(self._line)

    def is_yes(self) -> bool:
        return dialogue.is_yes(self._line)

    def is_sure(self) -> bool:
        return not endings.is_hedged(self._line.said)

    def is_chasing(self) -> bool:
        return dialogue.chasing(self._line) is not None

    def is_response(self) -> bool:
        return dialogue.is_response(self._line)

    def takes(self) -> bool:
        return taking.takes(self._line)

    def leaves(self) -> bool:
        return taking.leaves(self._line)

    def asks_whether_over(self) -> bool:
        return dialogue.asks_whether_over(self._line)

    def adds(self) -> bool:
        return dialogue.adds(self._line.text)
