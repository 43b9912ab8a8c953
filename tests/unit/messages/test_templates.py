"""Every message that the code names exists in both languages; the code is read, not run, so that no branch is missed."""

import ast
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.errors import ConfigError
from messages.render import Renderer, span_en, span_zh
from tests.support.paths import ROOT

TEMPLATE_FOLDERS = {path.name for path in (ROOT / "messages" / "zh").iterdir() if path.is_dir()}


def calls() -> Iterator[ast.Call]:
    for room in ("bot", "handlers", "runbooks", "data"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield node


def literals(node: ast.Call) -> set[str]:
    return {arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}


def name_of(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def test_every_refusal_code_has_its_sentence() -> None:
    codes = {code for node in calls() if name_of(node) in {"UserError", "Refused"} for code in literals(node)}
    assert {"unknown_command", "not_authorised", "self_confirm"} <= codes
    known = Renderer(ZoneInfo("Asia/Shanghai")).names()
    assert {code for code in codes if f"refusals/{code}" not in known} == set()


def test_every_template_that_is_said_exists_and_is_used() -> None:
    known = Renderer(ZoneInfo("Asia/Shanghai")).names()
    named = {text for node in calls() for text in literals(node) if text.partition("/")[0] in TEMPLATE_FOLDERS}
    templates = {text for text in named if "/" in text and " " not in text and not text.endswith("/")}
    assert {text for text in templates if text not in known} == set()
    source = "".join(
        path.read_text("utf-8") for room in ("bot", "handlers", "runbooks") for path in (ROOT / room).rglob("*.py")
    )
    partials = {
        text
        for path in (ROOT / "messages").rglob("*.j2")
        for text in [path.read_text("utf-8")]
        if "include" in text or "import" in text
    }
    unused = {
        n
        for n in known
        if not n.startswith("refusals/") and f'"{n}"' not in source and not any(n in p for p in partials)
    }
    assert {name for name in unused if not name.startswith("runs/")} == set()


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
    with pytest.raises(ConfigError) as raised:
        Renderer(ZoneInfo("Asia/Shanghai"), tmp_path)
    report = str(raised.value)
    for name in ("undeclared", "headless", "differs", "broken"):
        assert f"{name}.j2" in report


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
    ],
)
def test_spans_read_as_people_say_them(seconds: float, zh: str, en: str) -> None:
    assert (span_zh(seconds), span_en(seconds)) == (zh, en)
