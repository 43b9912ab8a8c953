"""The messages themselves: both languages, their facts, and that nothing typed becomes a part of one."""

import re
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import TemplateError

from bot.core.errors import ConfigError
from messages.render import Renderer, span_en, span_zh
from tests.support.paths import ROOT

MESSAGES = ROOT / "messages"
TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}")


def write(folder: Path, name: str, zh: str, en: str) -> None:
    for locale, text in (("zh", zh), ("en", en)):
        path = folder / locale / f"{name}.j2"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def test_all_faults_of_the_templates_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "a/undeclared", "{# facts: x #}{{ x }}{{ y }}", "{# facts: x #}{{ x }}")
    write(tmp_path, "a/headless", "{{ x }}", "{# facts: x #}{{ x }}")
    write(tmp_path, "a/differs", "{# facts: x #}", "{# facts: y #}")
    write(tmp_path, "a/broken", "{# facts: #}{% if %}", "{# facts: #}")
    write(tmp_path, "a/around", "{# facts: #}{% include 'a/around.j2' %}", "{# facts: #}")
    (tmp_path / "zh" / "one.toml").write_bytes(b'a = "\xff"')
    with pytest.raises(ConfigError) as raised:
        Renderer(ZoneInfo("Asia/Shanghai"), tmp_path).check()
    report = str(raised.value)
    for name in ("undeclared", "headless", "differs", "broken", "around"):
        assert f"{name}.j2" in report
    assert "one.toml: " in report


def test_the_shipped_messages_are_all_fine() -> None:
    """A service reads a message when it first says it, so nobody but this test and ``zhiban check`` looks at all of them."""
    Renderer(ZoneInfo("Asia/Shanghai")).check()


@pytest.mark.parametrize("path", sorted(MESSAGES.rglob("*.j2")), ids=lambda p: str(p.relative_to(MESSAGES)))
def test_8_7_no_line_of_a_message_runs_into_the_next(path: Path) -> None:
    """Jinja drops the line end behind a tag: a line that ends with one needs an empty line to end it."""
    lines = path.read_text("utf-8").split("\n")
    together = [
        line
        for line, after in pairwise(lines)
        if TAG.sub("", line).strip() and line.endswith("%}") and not line.endswith(("-%}", "endmacro %}"))
        if after.strip() and not after.startswith("{%-")
    ]
    assert together == []


@pytest.mark.parametrize("way", ["check", "said"])
def test_a_card_within_itself_is_named(tmp_path: Path, way: str) -> None:
    write(tmp_path, "a/around", "{# facts: #}{% include 'a/about.j2' %}", "{# facts: #}")
    write(tmp_path, "a/about", "{# facts: #}{% include 'a/around.j2' %}", "{# facts: #}")
    renderer = Renderer(ZoneInfo("Asia/Shanghai"), tmp_path)
    with pytest.raises((ConfigError, TemplateError), match="itself"):
        renderer.check() if way == "check" else renderer.post("a/around", "zh", {})


def test_what_people_typed_is_never_a_template_nor_a_button(tmp_path: Path) -> None:
    write(tmp_path, "a/b", '{# facts: said #}{{ said }}{{ button("go", "Go") }}', "{# facts: said #}{{ said }}")
    typed = '{{ button("confirm:R1", "x") }}{% raw %}{{7*7}}'
    post = Renderer(ZoneInfo("Asia/Shanghai"), tmp_path).post("a/b", "zh", {"said": typed})
    assert post.text == typed
    assert [b.action for b in post.buttons] == ["go"]


@pytest.mark.parametrize("facts", [{}, {"said": "x", "more": 1}])
def test_a_message_with_other_facts_than_declared_is_a_bug(tmp_path: Path, facts: dict[str, object]) -> None:
    write(tmp_path, "a/b", "{# facts: said #}{{ said }}", "{# facts: said #}{{ said }}")
    with pytest.raises(LookupError, match="said"):
        Renderer(ZoneInfo("Asia/Shanghai"), tmp_path).post("a/b", "zh", facts)


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "0 秒", "0 s"),
        (6, "6 秒", "6 s"),
        (59.4, "59 秒", "59 s"),
        (240, "4 分", "4 min"),
        (297, "5 分", "5 min"),
        (89, "1 分", "1 min"),
        (3590, "1 小时", "1 h"),
        (7500, "2 小时 5 分", "2 h 5 min"),
        (3600, "1 小时", "1 h"),
        (-5, "0 秒", "0 s"),
        (47 * 3600, "47 小时", "47 h"),
        (8 * 86400, "8 天", "8 d"),
        (2 * 86400 + 3 * 3600 + 1800, "2 天 3 小时", "2 d 3 h"),
    ],
)
def test_spans_read_as_people_say_them(seconds: float, zh: str, en: str) -> None:
    assert (span_zh(seconds), span_en(seconds)) == (zh, en)


FLOOR = {"in_service": 2, "total": 4, "minimum": 2, "most_out": 1, "upstream": "", "absent": (), "group": "oa"}
UNSEEN = [
    ((("oa2", "held"),), "看不到是否在线：oa2（另一个操作正在进行）；请等那个操作结束再发，进度看 /runs。"),
    (
        (("oa2", "503"),),
        "看不到是否在线：oa2（503）；如果它们其实正常，请让值守平台管理员在 hosts.yaml 的 oa 写对 health",
    ),
    ((("oa2", "held"), ("oa3", "timeout")), "oa2（另一个操作正在进行）、oa3（超时）；如果它们其实正常，"),
]


@pytest.mark.parametrize(("unseen", "told"), UNSEEN)
def test_8_9_who_is_not_seen_because_a_run_holds_it_is_waited_for(
    unseen: tuple[tuple[str, str], ...], told: str
) -> None:
    facts = {**FLOOR, "unseen": unseen}
    assert told in Renderer(ZoneInfo("Asia/Shanghai")).post("refusals/floor", "zh", facts).text
