"""A wrong runbook definition fails at start, with every fault, file and line."""

from pathlib import Path

import pytest

from bot.core.errors import ConfigError
from bot.core.problems import Problems
from data.load.read import read_file
from data.load.yaml_file import YamlFile
from runbooks.language.load import catalogue
from runbooks.language.load.catalogue import load_catalogue

GOOD = """verb: tidy
alias: 整理
title: {zh: 备份, en: Back up}
source: SOP 6.1
roles: [engineer]
confirm: second
where: host
effect: in
arguments:
  - {name: host, type: host}
steps:
  - title: {zh: 备份, en: back up}
    run: [tar, "{host}"]
"""


def faults(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    try:
        load_catalogue(folder, locale="en")
    except ConfigError as error:
        return [fault.removeprefix(f"{folder}/") for fault in error.faults]
    return []


def test_a_sites_own_runbook_is_added(tmp_path: Path) -> None:
    assert faults(tmp_path, backup=GOOD) == []
    assert load_catalogue(tmp_path).find("整理") is not None


def test_the_shipped_files_are_read_once_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_catalogue()
    (tmp_path / "backup.yaml").write_text(GOOD, "utf-8")
    read: list[Path] = []

    def counted(path: Path, problems: Problems) -> YamlFile | None:
        read.append(path)
        return read_file(path, problems)

    monkeypatch.setattr(catalogue, "read_file", counted)
    assert load_catalogue(tmp_path).find("restart") is load_catalogue().find("restart") is not None
    assert read == [tmp_path / "backup.yaml"]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"{host}"', '"{hots}"', 13, "no argument is called {hots}; did you mean host?"),
        ('"{host}"', '"{host.__class__}"', 13, "no argument is called {host.__class__}"),
        ('"{host}"', '"{host!r}"', 13, "no argument is called {host}"),
        ('"{host}"', '"{host"', 13, "expected '}'"),
        ("type: host", "type: hsot", 10, "unknown word hsot; did you mean host?"),
        ("verb: tidy", "verb: restart", 1, "restart is taken by restart.yaml"),
        ("alias: 整理", "alias: 重启", 2, "重启 is taken by restart.yaml"),
        ("confirm: second", "confirm: none", 6, "none is for what only reads"),
        ("roles: [engineer]", "roles: []", 1, "nobody may run it"),
        ("where: host", "where: balancer\ncolour: red", 8, "unknown key colour"),
    ],
)
def test_every_fault_has_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    found = faults(tmp_path, backup=GOOD.replace(old, new, 1))
    assert len(found) == 1
    assert found[0].startswith(f"backup.yaml:{line}: ")
    assert words in found[0]


def test_all_faults_come_in_one_report(tmp_path: Path) -> None:
    found = faults(tmp_path, one=GOOD.replace("{host}", "{x}"), two=GOOD.replace("engineer", "engneer"))
    assert {fault.split(":")[0] for fault in found} == {"one.yaml", "two.yaml"}
    assert len(found) == 5  # {x}; engneer, so nobody; tidy and 整理 stand twice


def test_a_site_replaces_a_shipped_runbook_only_when_it_says_so(tmp_path: Path) -> None:
    text = GOOD.replace("verb: tidy", "verb: restart").replace("alias: 整理", "alias: 重启")
    assert "restart is taken by restart.yaml" in "\n".join(faults(tmp_path, mine=text))
    assert faults(tmp_path, mine=text + "overrides: true\n") == []
    found = load_catalogue(tmp_path).definitions["restart"]
    assert (found.source, found.title.en) == ("SOP 6.1", "Back up")
    nothing = faults(tmp_path, mine=GOOD + "overrides: true\n")
    assert len(nothing) == 1
    assert "there is no shipped runbook tidy to replace" in nothing[0]


def test_runbooks_that_share_a_verb_have_a_word_each(tmp_path: Path) -> None:
    one, two = (GOOD.replace("alias: 整理", f"alias: 整理\nword: {word}") for word in ("disk", "log all"))
    assert faults(tmp_path, one=one, two=two) == []
    catalogue = load_catalogue(tmp_path)
    assert [d.name for d in catalogue.verbs()["tidy"]] == ["tidy disk", "tidy log all"]
    assert catalogue.pick("整理", ("log", "all", "oa3"))[1] == ("oa3",)
    assert "tidy disk is taken by one.yaml" in "\n".join(faults(tmp_path, one=one, two=one))
    assert "tidy is taken by" in "\n".join(faults(tmp_path, one=one, two=GOOD))


STEP = '  - title: {zh: 备份, en: back up}\n    run: [tar, "{host}"]\n'


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("- {title: {zh: 备, en: b}, run: [a], http: b}", "one step does one thing"),
        ("- {title: {zh: 备, en: b}, run: [a], retry: {times: 2}}", "only what may run twice is sent again"),
        ("- {title: {zh: 备, en: b}, run: [a], expect: '('}", "is no regular expression"),
        ("- {title: {zh: 备, en: b}, run: [a], ok: [yes]}", "write exit codes"),
        ("- {title: {zh: 备, en: b}, run: [a], show: '('}", "is no regular expression"),
        ("- {title: {zh: 备, en: b}, run: [a], ends: [fresh]}", "no look has the id fresh"),
        ("- {title: {zh: 备, en: b}, run: [a], on: nobody}", "has the id nobody"),
        ("- {title: {zh: 备, en: b}, run: [a], on: here}", "this step stands outside of one"),
        ("- {title: {zh: 备, en: b}, run: ['‹x›']}", "stand for facts and secrets"),
        ("- {title: {zh: 备, en: '{nobody}'}, run: [a]}", "no argument is called {nobody}"),
        ("- {title: {zh: 备, en: b}, run: [a], when: {host: oa3}}", "no choice or fact has the id host"),
        ("- {title: {zh: 备, en: b}, run: ['{secret.Dm}']}", "no argument is called {secret.Dm}"),
        ("- {http: 'http://{host}/', want: maybe}", "write up, down or a status"),
        ("- {port: '22'}", "write an address and a port"),
        ("- {set: {file: /x, key: a}}", "value is missing"),
        ("- {upload: x, to: /x, mode: '9'}", "write four digits"),
        ("- {set: {file: /x, key: a, value: b}, undo: [c]}", "undo: a step of set has no use for it"),
        ("- {ask: {zh: 好吗, en: fine}, may_fail: true}", "may_fail: a step of ask has no use for it"),
        ("- {kind: workers, expect: x}", "expect: a step of workers has no use for it"),
        ("- {runbook: nothing, with: [a]}", "no runbook is called nothing"),
        ("- {runbook: restart, with: []}", "takes 1 words or more, 0 are given"),
        ("- {runbook: tidy, with: ['{host}']}", "a circle never ends"),
        (
            "- {runbook: restart, with: ['{host}'], when: {fs: [xfs]}}\n"
            "look:\n  - {name: fs, title: {zh: 看, en: look}, run: [lsblk], pick: '(.+)'}",
            "when: no choice or fact has the id fs",
        ),
        (
            "- {roll: {group: oa}, batch: many, steps: [{runbook: restart, with: ['{here}']}]}",
            "batch: many is no number",
        ),
        ("- {roll: {group: oa}, steps: []}", "the roll has none"),
        ("- {roll: {group: oa}, steps: [{roll: {group: oa}, steps: [{port: 'a:1'}]}]}", "a roll within a roll"),
        ("- {kind: edit}\n  - {kind: workers}\nconfirm: none", "stands twice"),
    ],
)
def test_faults_of_steps(tmp_path: Path, step: str, words: str) -> None:
    text = GOOD.replace(STEP, f"  {step}\n")
    assert text != GOOD
    assert words in "\n".join(faults(tmp_path, tidy=text))


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("{name: window, type: port}", "window is the name of a look"),
        ("{name: disk_free, type: size, most: 5G}", "disk_free is the name of a look"),
        ("{name: a, type: path}", "root is missing"),
        ("{name: a, type: path, root: data}", "is no absolute folder"),
        ("{name: a, type: path, root: /data/../etc}", "is no absolute folder"),
        ("{name: a, type: size}", "most is missing"),
        ("{name: a, type: size, least: 1, most: 5}", "write sizes such as 1G"),
        ("{name: a, type: date, format: '%Y;'}", "write %Y, %m, %d"),
        ("{name: a, type: host, many: true}", "many: is for ports"),
        ("{name: A, type: port}", "write small letters"),
        ("{name: host, type: port}", "host stands twice"),
        ("{name: a, type: choice, choices: {x: y}, values: {z: {confirm: self}}}", "no choice has the id z"),
        ("{name: a, type: port, values: {022: {confirm: self}}}", "write the number plainly"),
        ("{name: a, type: date, values: {20261122: {confirm: self}}}", "write the date as 2026-11-22"),
        ("{name: a, type: size, most: 5G, values: {1G: {confirm: self}}}", "a size can be written in many ways"),
        ("{name: a, type: choice, choices: {x: '{host}'}}", "no argument is called {host}"),
    ],
)
def test_faults_of_arguments(tmp_path: Path, argument: str, words: str) -> None:
    text = GOOD.replace("  - {name: host, type: host}\n", f"  - {{name: host, type: host}}\n  - {argument}\n")
    assert words in "\n".join(faults(tmp_path, tidy=text))


@pytest.mark.parametrize(
    ("look", "words"),
    [
        ("{run: []}", "a look has a reading command"),
        ("{name: host, run: [a]}", "host is taken already"),
        ("{run: [a], match: '('}", "is no regular expression"),
        ("{run: [a], least: '{fs}'}", "no argument is called {fs}"),
        ("{run: [a], most: much}", "neither a number nor a fact"),
        ("{disk_free: lots, path: /data}", "is no size"),
        ("{name: window, run: [a]}", "window is taken already"),
        ("{disk_free: 1G, path: /data}\n  - {run: [a], least: '{disk_free}'}", "no argument is called {disk_free}"),
        ("{disk_free: 1G, path: /data}\nvalues: {disk_free: a}", "disk_free is the name of a look"),
    ],
)
def test_faults_of_looks(tmp_path: Path, look: str, words: str) -> None:
    assert words in "\n".join(faults(tmp_path, tidy=GOOD + f"look:\n  - {look}\n"))


@pytest.mark.parametrize(
    ("name", "look"), [("window", "{window: true}"), ("disk_free", "{disk_free: 1G, path: /data}")]
)
@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("ends: [NAME]", ""),
        ("undo: ['{NAME}']", "no argument is called {NAME}"),
        ("when: {NAME: [a]}", "no choice or fact has the id NAME"),
    ],
)
def test_a_look_without_a_fact_is_known_to_ends_only(
    tmp_path: Path, name: str, look: str, words: str, fault: str
) -> None:
    text = GOOD + f"    {words.replace('NAME', name)}\nlook:\n  - {look}\n"
    found = faults(tmp_path, tidy=text)
    assert len(found) == bool(fault)
    assert fault.replace("NAME", name) in "\n".join(found)


def test_8_16_a_chinese_word_means_one_thing_behind_a_verb(tmp_path: Path) -> None:
    one, two = (GOOD.replace("alias: 整理", f"alias: 整理\nword: {word}\nword_alias: 磁盘") for word in ("disk", "log"))
    assert "磁盘 means disk behind tidy elsewhere, log here" in "\n".join(faults(tmp_path, one=one, two=two))
    uneven = GOOD.replace("alias: 整理", "alias: 整理\nword: log all\nword_alias: 日志")
    assert "write as many words as in word: log all" in "\n".join(faults(tmp_path, one=uneven))


def test_8_16_a_twin_is_of_a_choice_that_there_is(tmp_path: Path) -> None:
    choice = "arguments:\n  - {name: log, type: choice, choices: {app: a, db: b}, twins: {应用: ap}}\n  - "
    assert "twins: no choice has the id ap" in "\n".join(faults(tmp_path, one=GOOD.replace("arguments:\n  - ", choice)))
