"""Plain text stays plain and reaches nobody; names that are meant are mentioned, whatever stands beside them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.mattermost.format import escape, formatted, measured
from tests.support.platforms.mattermost import FakeMattermost, ident

SERVER = FakeMattermost()


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("@all 系统坏了", "＠all 系统坏了"),
        ("请@channel看", "请＠channel看"),
        ("x.@here", "x.＠here"),
        ("mail a@b.cn", "mail a@b.cn"),
        ("<!channel> <@u> a < b", "＜!channel> ＜＠u> a ＜ b"),
        ("**粗** `code` ~~x~~ [a](b)", r"\*\*粗\*\* \`code\` \~\~x\~\~ \[a\](b)"),
        ("oa_1 _x_ __y__", r"oa_1 \_x\_ \_\_y\_\_"),
        ("# 标题\n1 # 2", "\\# 标题\n1 # 2"),
        ("| a | b |", r"\| a \| b \|"),
        ("C:\\dir", r"C:\\dir"),
        ("看 https://zb.example/l/a_b-_c*~x?y=[1] 吧", r"看 https://zb.example/l/a_b-_c*~x?y=\[1\] 吧"),
        ("https://x.example/@all", "https://x.example/%40all"),
        ("10.154.54.58:6888 14:05", "10.154.54.58:6888 14:05"),
    ],
)
def test_escape(typed: str, sent: str) -> None:
    assert escape(typed) == sent
    assert measured(typed) == len(sent)


@given(
    st.lists(
        st.sampled_from(["@", "all", "@here", "channel", "<!", "zhou", ".", "-", ":", "/", "http://a.b/", " ", "请"])
    )
)
def test_nothing_typed_mentions_anybody(parts: list[str]) -> None:
    """The oracle is the stand-in's reading of words, which follows the server's."""
    text = "".join(parts)
    assert SERVER.mentions(formatted(text, {})) == []
    unbracketed = re.sub(r"<(http://a\.b/[^<>]*)>", r"\1", formatted(text, {}))  # nobody sees them
    shown = unbracketed.replace("＠", "@").replace("＜", "<").replace("%40", "@")
    assert shown == text  # nothing else was changed, for there is no markup in these


@given(st.text(alphabet="请看 a@.，\n:-_"), st.text(alphabet="请看 a@.，\n:-_"))
def test_a_meant_name_is_always_mentioned_and_alone(before: str, after: str) -> None:
    text = f"{before}@周予安{after}"
    assert SERVER.mentions(formatted(text, {"周予安": "zhou"})) == [ident("user", "zhou")]


def test_names_in_order_and_names_that_begin_alike() -> None:
    usernames = {"李晓": "lixiao", "李晓明": "xiaoming", "何牧": "hemu"}
    assert formatted("@李晓明、@李晓：@李晓", usernames) == "@xiaoming 、 @lixiao ：＠李晓"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("错误 :100: :smile:", "错误 ：100: ：smile:"),
        ("10:30:45 host:port:x9", "10:30:45 host:port:x9"),
        ("> 引用", r"\> 引用"),
        ("3. 先登录\n5. 再点", "3\\. 先登录\n5\\. 再点"),
        ("v1.2 (3)", "v1.2 (3)"),
    ],
)
def test_8_17_signs_and_lists_stay_as_typed(typed: str, sent: str) -> None:
    assert escape(typed) == sent
