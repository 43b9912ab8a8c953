"""What a report calls its system, by a hand-worked table: groups are one trouble only by the same name (decisions: Truth)."""

import pytest

from handlers.triage.understand import understand


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("OA打不开了", {"oa"}),
        ("粤政通登录不上", {"oa"}),
        ("门户首页打不开", {"oa"}),
        ("OA里的公文打不开", {"oa", "公文"}),
        ("公文打不开，提示系统错误", {"公文"}),
        ("系统打不开", set()),
        ("登录不上去", set()),
        ("页面打不开，一直转圈", set()),
        ("浏览器打不开", set()),
        ("打不开了", set()),
        ("盖章盖不了", {"seal"}),
        ("验证码收不到", {"sms"}),
        ("VPN连不上", {"vpn"}),
        ("政务外网断了", {"network"}),
        ("我们网线断了", set()),
        ("不是网络问题，是OA打不开", {"oa"}),
        ("the OA does not open", {"oa"}),
        ("portal is down", {"oa"}),
        ("CRM is down for us", {"crm"}),
        ("outlook does not open", {"mail"}),
        ("our mailbox does not load", {"mail"}),
        ("the page does not load", set()),
        ("can't log in", set()),
        ("server is down", set()),
        ("vpn does not connect", {"vpn"}),
        ("wifi is down in our room", set()),
        ("谢谢", set()),
    ],
)
def test_8_6_only_a_name_names_a_system(text: str, names: set[str]) -> None:
    assert understand(text).names == names
