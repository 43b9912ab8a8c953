"""Control characters and secrets stay out of what people see."""

import pytest

from bot.core.redact import clean, tail


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\x1b[31mred\x1b[0m \x1b]0;title\x07ok\r\n", "red ok\n"),
        (b"\xff\xfe ok", "\ufffd\ufffd ok"),
        (b"a\x00b\x08c\x7f", "abc"),
        ("甲\u202e\u200b乙".encode(), "甲乙"),
        (b"10%\r50%\r100%\n", "10%\n50%\n100%\n"),
    ],
)
def test_only_text_remains(raw: bytes, text: str) -> None:
    assert clean(raw) == text


@pytest.mark.parametrize(
    "line",
    [
        "password=CANARY",
        "db.password: CANARY",
        '"token": "CANARY"',
        "jdbc.pwd = CANARY;",
        "密码：CANARY",
        "Authorization: Bearer CANARYCANARY",
        "jdbc:dm://user:CANARY@10.0.0.1:5236",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nCANARY\n-----END OPENSSH PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nCANARY and then cut",
    ],
)
def test_secrets_are_masked(line: str) -> None:
    assert "CANARY" not in clean(f"before {line}\nafter".encode())


def test_tail_is_the_end() -> None:
    assert tail("\n".join(map(str, range(30))), lines=3) == "27\n28\n29"
    assert tail("x" * 50, characters=10) == "…" + "x" * 9
