"""What one line does, by who says it and what is open around it, worked by hand from dialogue rules 1–7."""

from dataclasses import dataclass

import pytest

from bot.work.understanding import Act, Certainty, Kind, RouteName, Scope, Speaker, Surroundings, Understanding
from handlers.triage.understand import as_fault, understand


@dataclass(frozen=True)
class Open:
    """Something open in the chat."""

    number: str
    system: str | None


VPN = Open("GD-1", "vpn")
USER, ENGINEER, VENDOR = Speaker.USER, Speaker.ENGINEER, Speaker.VENDOR


def heard(text: str, speaker: Speaker = USER, *matters: Open) -> Understanding:
    return understand(text, speaker, Surroundings(matters))


@pytest.mark.parametrize(
    ("speaker", "text", "act", "also"),
    [
        (USER, "VPN连不上", Act.REPORT, ()),
        (USER, "我也打不开", Act.REPORT, ()),
        (USER, "+1", Act.JOIN, ()),
        (USER, "我这边也是，现在好了", Act.JOIN, (Act.END,)),
        (USER, "请问怎么撤回公文", Act.ASK, ()),
        (USER, "麻烦重置一下密码", Act.ASK, ()),
        (USER, "不用看了", Act.WITHDRAW, ()),
        (USER, "没事了，已经好了", Act.WITHDRAW, (Act.END,)),
        (USER, "可以了 谢谢", Act.END, ()),
        (USER, "怎么样了", Act.CHASE, ()),
        (USER, "谢谢", Act.THANK, ()),
        (USER, "【停机公告】本周五18:30起暂停服务", Act.NOTICE, ()),
        (USER, "中午吃什么", Act.NOTHING, ()),
        (ENGINEER, "收到，马上看", Act.ANSWER, ()),
        (ENGINEER, "已恢复，请各位刷新页面重试", Act.ANSWER, (Act.END,)),
        (ENGINEER, "客户打电话说VPN登录不了，在群里登记一下", Act.REPORT, ()),
        (ENGINEER, "中午吃什么", Act.NOTHING, ()),
        (ENGINEER, "怎么样了", Act.NOTHING, ()),
        (VENDOR, "我们在看", Act.PROGRESS, ()),
        (VENDOR, "修好了", Act.END, (Act.PROGRESS,)),
    ],
)
def test_what_a_line_does(speaker: Speaker, text: str, act: Act, also: tuple[Act, ...]) -> None:
    line = heard(text, speaker, VPN)
    assert (line.act, line.also) == (act, also)


def test_nobody_joins_what_is_not_open() -> None:
    assert heard("+1").act is Act.NOTHING


def test_a_report_says_system_route_and_scope() -> None:
    line = heard("@值班 整个局都收不到短信")
    assert line.words == "整个局都收不到短信"
    assert (line.kind, line.route, line.system, line.scope) == (Kind.FAULT, RouteName.URGENT, "sms", Scope.WIDE)
    assert (line.named, line.systems, line.certainty) == (True, frozenset({"sms"}), Certainty.SURE)


def test_a_report_without_a_name_is_about_the_only_open_system_and_names_none() -> None:
    line = heard("还是打不开", USER, VPN)
    assert (line.system, line.named, line.open) == ("vpn", False, (VPN,))


def test_a_joiner_who_names_a_system_in_passing_names_none_for_the_ticket() -> None:
    """ "+1" and its like join the newest; only reports, questions and requests name what they are about."""
    line = heard("我这边VPN也是", USER, VPN)
    assert (line.kind, line.named, line.subject, line.systems) == (Kind.OTHER, False, "vpn", frozenset({"vpn"}))


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        ("那个东西你们弄一下吧", Certainty.DOUBTFUL),
        ("嗯", Certainty.SURE),
        ("中午一起吃饭", Certainty.SURE),
        ("怎么样了", Certainty.SURE),
        ("OA打不开", Certainty.SURE),
    ],
)
def test_what_somebody_should_be_asked_about(text: str, certainty: Certainty) -> None:
    assert heard(text).certainty is certainty


def test_words_taken_as_a_fault_keep_the_system_they_name() -> None:
    vpn, nothing = as_fault(heard("VPN那个东西弄一下")), as_fault(heard("那个东西弄一下"))
    assert (vpn.kind, vpn.act, vpn.system, vpn.route, vpn.named) == (
        Kind.FAULT, Act.REPORT, "vpn", RouteName.THIRD_PARTY, True,
    )  # fmt: skip
    assert (nothing.system, nothing.route, nothing.named, nothing.scope) == (
        "oa", RouteName.INTERNAL, False, Scope.BLOCKED,
    )  # fmt: skip
