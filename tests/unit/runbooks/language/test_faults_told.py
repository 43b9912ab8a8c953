"""Every fault of an organisation's own runbook is told in the language of the house, and what is to be written instead."""

import re
from datetime import UTC
from pathlib import Path

import pytest

from bot.core.problems import Problems, Told, in_locale
from messages.render import Renderer
from messages.sources import sources
from runbooks.language.load.catalogue import load_commands
from runbooks.language.schema import PATH
from tests.support.paths import ROOT
from tests.unit.runbooks.language.test_load import GOOD, STEP

HOST = "  - {name: host, type: host}\n"
TITLE = "title: {zh: 备, en: b}"


def head(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def step(text: str) -> str:
    return head(STEP, f"  - {text}\n")


def run(more: str) -> str:
    return step(f"{{{TITLE}, run: [a], {more}}}")


def argument(text: str) -> str:
    return head(HOST, f"{HOST}  - {text}\n")


def look(text: str) -> str:
    return f"{GOOD}look:\n  - {text}\n"


ONE_OF_EACH = {  # what is reported, and a file that has that fault
    "after_default": head(HOST, "  - {name: a, type: port, default: 22}\n" + HOST),
    "argument_twice": argument("{name: host, type: port}"),
    "at_once_balancer": run("at_once: 2"),
    "at_once_undo": run("at_once: 2, undo: [c]").replace("effect: in\n", ""),
    "bad_batch": step("{roll: {group: oa}, batch: many, steps: [{port: 'a:1'}]}"),
    "bad_bound": look("{run: [a], most: much}"),
    "bad_codes": run("ok: [yes]"),
    "bad_default": argument("{name: a, type: choice, choices: {x: y}, default: z}"),
    "bad_format": argument("{name: a, type: date, format: '%Y;'}"),
    "bad_mode": step("{upload: x, to: /x, mode: '9'}"),
    "bad_name": argument("{name: A, type: port}"),
    "bad_pattern": run("expect: 'x('"),
    "bad_port": step("{port: '22'}"),
    "bad_root": argument("{name: a, type: path, root: data}"),
    "bad_size": look("{disk_free: lots, path: /data}"),
    "bad_sizes": argument("{name: a, type: size, least: 1, most: 5}"),
    "bad_status": step("{http: 'http://{host}/', want: maybe}"),
    "bad_want": step("{port: 'a:1', want: maybe}"),
    "braces": head('"{host}"', '"{host"'),
    "circle": step("{runbook: tidy, with: ['{host}']}"),
    "empty_roll": step("{roll: {group: oa}, steps: []}"),
    "for_files": argument("{name: a, type: port, match: a}"),
    "for_many": argument("{name: a, type: host, many: true}"),
    "for_numbers": argument("{name: a, type: port, least: 1}"),
    "for_paths": argument("{name: a, type: port, suffix: .gz}"),
    "here_outside": run("on: here"),
    "idle_key": step("{ask: {zh: 好吗, en: fine}, may_fail: true}"),
    "marks": step(f"{{{TITLE}, run: ['‹x›']}}"),
    "name_of_look": argument("{name: window, type: port}"),
    "name_taken": look("{name: host, run: [a]}"),
    "name_unusable": run("each: {name: host, of: host}"),
    "needs_effect": step("{kind: edit}").replace("effect: in\n", ""),
    "no_choices": argument("{name: a, type: choice}"),
    "no_command": look("{run: []}"),
    "no_limits": argument("{name: a, type: size}"),
    "no_own_command": run("kind: edit"),
    "no_roles": head("roles: [engineer]", "roles: []"),
    "no_runbook": step("{runbook: nothing, with: [a]}"),
    "no_steps": head(f"steps:\n{STEP}", ""),
    "no_title": step("{run: [a]}"),
    "nothing_to_replace": GOOD + "overrides: true\n",
    "reads_with_effect": head("confirm: second", "confirm: none"),
    "reads_with_write": step("{set: {file: /x, key: a, value: b}}")
    .replace("confirm: second", "confirm: none")
    .replace("effect: in\n", ""),
    "retry_once": run("retry: {times: 2}"),
    "roll_in_roll": step("{roll: {group: oa}, steps: [{roll: {group: oa}, steps: [{port: 'a:1'}]}]}"),
    "taken": head("verb: tidy", "verb: restart"),
    "twin_twice": head("verb: tidy\nalias: 整理", "verb: backup\nalias: 备份\nword: mine\nword_alias: 数据库"),
    "two_acts": step(f"{{{TITLE}, run: [a], http: b}}"),
    "unfilled": head('"{host}"', '"{hots}"'),
    "uneven_alias": head("alias: 整理", "alias: 整理\nword: log\nword_alias: 全部 日志"),
    "value_date": argument("{name: a, type: date, values: {20261122: {confirm: self}}}"),
    "value_number": argument("{name: a, type: port, values: {022: {confirm: self}}}"),
    "value_size": argument("{name: a, type: size, most: 5G, values: {1G: {confirm: self}}}"),
    "where_host": head(f"arguments:\n{HOST}", "").replace('"{host}"', "a"),
    "whose_balancer": head("where: host", "where: balancer")
    .replace(f"arguments:\n{HOST}", "")
    .replace('"{host}"', "a"),
    "word_count": step("{runbook: restart, with: []}"),
}
AS_ELSEWHERE = {  # what is wrong in the way of every file of the organisation
    "bad_yaml": GOOD + "]",
    "missing": head("source: SOP 6.1\n", ""),
    "no_flag": GOOD + "overrides: maybe\n",
    "no_list": GOOD.partition("steps:")[0] + "steps: 3\n",
    "no_map": head("{zh: 备份, en: Back up}", "3"),
    "no_number": run("limit: 0"),
    "no_such": run("ends: [fresh]"),
    "one_value": run("become: [root]"),
    "plain_values": head('[tar, "{host}"]', "[[tar]]"),
    "unknown_key": GOOD + "colour: red\n",
    "unknown_word": head("engineer", "engneer"),
}  # fmt: skip
NO_SUCH = [
    run("on: nobody"),
    run("ends: [fresh]"),
    run("when: {host: oa3}"),
    argument("{name: a, type: choice, choices: {x: y}, twins: {应用: z}}"),
]
OF_SERVERS = {"empty_group", "no_tag", "not_here", "other_group"}  # tests/unit/bot/cli/test_check_runbooks.py
OF_TESTS = {"no_cases", "too_many_hosts", "unknown"}  # those of ``zhiban runbooks``, with every ``case…``
TWO_WORDS = re.compile("[A-Za-z]{2,} [A-Za-z]{2,}")
TYPED = """
zhiban runbooks list show docs md hosts yaml YAML UTF data oa WEAVER restart address true Y m d y G
host up down open closed here cases line at ends answers out err exit sent done refused failed
"""  # commands, files, values and keys of a test, which stand in no schema
HAN = re.compile("[一-鿿，：；。？]")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[Told]:
    """What is reported, in the order of its finding."""
    found: list[Told] = []
    add = Problems.add

    def noted(self: Problems, path: Path, line: int, told: Told, **more: str) -> None:
        found.append(told)
        add(self, path, line, told, **more)

    monkeypatch.setattr(Problems, "add", noted)
    return found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *((f"runbooks/{name}", text) for name, text in ONE_OF_EACH.items()),
        *((f"data/{name}", text) for name, text in AS_ELSEWHERE.items()),
        *(("data/no_such", text) for text in NO_SUCH),
    ],
)
def test_8_25_each_fault_is_told_in_either_language(tmp_path: Path, said: list[Told], name: str, text: str) -> None:
    """Chinese without a word of English but keys, names and commands; English without a Chinese sign but what people wrote."""
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    faults = load_commands(tmp_path).faults
    assert name in {told.name for told in said}
    assert {told.name.partition("/")[0] for told in said} <= {"data", "runbooks"}
    chinese = [line.replace("zhiban runbooks list", "").removeprefix(f"{tmp_path}/own.yaml:") for line in faults]
    assert [line for line in chinese if TWO_WORDS.search(line) or not HAN.search(line)] == []
    in_english = [in_locale(line, "en") for line in faults]
    assert [line for line in in_english if set(HAN.findall(line)) - set(text)] == []
    assert list(load_commands(tmp_path, "en").faults) == in_english


def test_8_25_every_kind_of_fault_is_among_them() -> None:
    names = {name.partition("/")[2] for name in Renderer(UTC).names() if name.startswith("runbooks/")}
    rest = OF_SERVERS | OF_TESTS | {name for name in names if name.startswith("case")}
    assert names == ONE_OF_EACH.keys() | rest


def test_8_25_no_word_of_a_chinese_sentence_is_english_but_what_is_typed_so() -> None:
    typed = set(re.findall("[A-Za-z_]+", PATH.read_text("utf-8"))) | set(TYPED.split())
    folder = ROOT / "messages" / "zh"
    texts = {one.name: one.text for one in sources(folder, []) if one.name.startswith("runbooks/")}
    plain = {name: re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text) for name, text in texts.items()}
    words = {name: set(re.findall("[A-Za-z_]+", text)) - typed for name, text in plain.items()}
    assert {name: more for name, more in words.items() if more} == {}


@pytest.mark.parametrize(
    ("name", "chinese"),
    [
        ("unfilled", "13: run：{hots} 里的 {hots} 没有对应的参数，是不是 host？"),
        ("bad_pattern", "12: expect：x( 不是正则表达式，从第 2 个字符起看不懂，请检查括号和特殊符号"),
        ("word_count", "11: steps：restart 至少要 1 个词，这里写了 0 个"),
        ("braces", "13: run：{host 里的花括号不成对；要写花括号本身，请写成 {{ 或 }}"),
    ],
)
def test_8_25_how_it_reads(tmp_path: Path, name: str, chinese: str) -> None:
    (tmp_path / "own.yaml").write_text(ONE_OF_EACH[name], "utf-8")
    found = [line.removeprefix(f"{tmp_path}/own.yaml:") for line in load_commands(tmp_path).faults]
    assert found == [chinese]


def test_too_many_words_for_a_runbook_within_are_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(step("{runbook: restart, with: [a, b, c]}"), "utf-8")
    (line,) = load_commands(tmp_path, "en").faults
    assert line.endswith("steps: restart takes 1 words at most, 3 are given")


def test_a_pattern_that_no_machine_could_hold_is_told(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(run("expect: 'a{99999999999999}'"), "utf-8")
    (line,) = load_commands(tmp_path, "en").faults
    assert line.endswith("is no regular expression (the repetition number is too large)")
    assert "不是正则表达式，请检查" in in_locale(line, "zh")
