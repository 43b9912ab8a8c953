"""A text mentions exactly who is meant, once, also where one name begins with another."""

import pytest

from bot.adapters.common.mentions import spans

PEOPLE = [("周予", "u1"), ("周予安", "u2"), ("李晓", "u3")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@周予安 看，@周予 也看", [(0, 4, "u2"), (7, 10, "u1")]),
        ("@周予 先，@周予安 后", [(0, 3, "u1"), (6, 10, "u2")]),
        ("@周予安 @周予安", [(0, 4, "u2"), (5, 8, "u1")]),  # 周予 is meant too, and stands nowhere else
        ("@周予安", [(0, 4, "u2")]),
        ("请 @李晓 看，@李晓 知道", [(2, 5, "u3")]),
        ("周予安 没有 @ 谁", []),
        ("", []),
    ],
)
def test_the_first_name_of_each_and_the_longer_first(text: str, found: list[tuple[int, int, str]]) -> None:
    assert [(span.begin, span.end, span.account) for span in spans(text, PEOPLE)] == found


def test_two_people_of_one_name_are_both_mentioned() -> None:
    assert [span.account for span in spans("@王伟 和 @王伟", [("王伟", "u1"), ("王伟", "u2")])] == ["u1", "u2"]
