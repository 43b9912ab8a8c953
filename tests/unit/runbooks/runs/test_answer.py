"""What is answered to who asked to read something: one command as it is, several host by host."""

from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.outcome import StepResult
from runbooks.planning.planner import plan_run
from runbooks.runs.answer import answer_text
from tests.servers.catalog.house import DAY
from tests.support.once import example_site

SITE = example_site()
CATALOGUE = load_catalogue()


def answered(name: str, words: tuple[str, ...], *outputs: str) -> str:
    plan = plan_run(CATALOGUE.definitions[name], words, SITE, catalogue=CATALOGUE, at=DAY)
    assert len(plan.steps) == len(outputs)
    return answer_text(plan, [StepResult(None, 0, output) for output in outputs])


def test_one_command_is_answered_as_it_is() -> None:
    assert answered("logs", ("oa3",), "one\ntwo\n") == "one\ntwo\n"


def test_several_are_told_host_by_host_and_the_silent_left_out() -> None:
    outputs = ("PID\n77 dmserver\n", "", "up\n", "down\n", "watched\n", "watched\n")
    text = answered("db status", (), *outputs)
    assert text == "dm1:\nPID\n77 dmserver\ndm1: up\ndm2: down\ndm1: watched\ndm2: watched"
