"""Control characters and secrets stay out of what people see."""

import pytest

from bot.core.redact import clean, mask, tail


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


@pytest.mark.parametrize(
    "line",
    [
        "数据库密码是 CANARY-1",
        "密码是CANARY",
        "口令改成 CANARY",
        "令牌 CANARY123",
        "the password is CANARY",
        "mysql -u root -pCANARY oa",
        "mysql -u root -p CANARY oa",
        "redis-cli -a CANARY ping",
        "sshpass -p CANARY ssh oa1",
        "curl -u admin:CANARY http://10.0.0.1/",
        "curl --user admin:CANARY http://10.0.0.1/",
        "java -jar x.jar --password CANARY",
        "disql SYSDBA/CANARY@localhost:5236",
        "disql SYSDBA/'CANARY'@localhost:5236",
        'CREATE USER oa IDENTIFIED BY "CANARY"',
        "<password>CANARY</password>",
        "<db.Password >CANARY</db.Password>",
        "Set-Cookie: JSESSIONID=CANARY; Path=/",
        "Cookie: a=1; b=CANARY",
        "ghp_CANARYcanary0123456789abcdefABCDEF01",
        "github_pat_CANARY0123456789abcdefghij_ABC",
        "glpat-CANARY0123456789abcd",
        "xoxb-1234567890-CANARYabcdef",
        "AKIACANARY0123456789",
        "sk-CANARY0123456789abcdefghij",
        "sk-proj-CANARY0123456789abcdefghij",
        "eyJhbGciOiJI.CANARYpayload.signature0",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=CA0A0000-1234-1234-1234-CANARY123456",
        "https://x/?access_token=CANARY&a=1",
        "X-Api-Key: CANARY",
    ],
)
def test_8_5_the_usual_shapes_of_secrets_are_masked(line: str) -> None:
    line = line.replace("CA0A0000-1234-1234-1234-CANARY123456", "ca0a0000-1234-1234-1234-cafe12345678")
    shown = clean(f"before {line}\nafter".encode())
    assert "CANARY" not in shown
    assert "cafe12345678" not in shown
    assert (shown[:6], shown[-5:]) == ("before", "after")


@pytest.mark.parametrize(
    "line",
    [
        "请重置密码",
        "密码是多少？",
        "忘了密码，进不去",
        "token bucket is full",
        "-rw-r--r-- 1 root root 12 Nov 29 20:00 passwd",
        "tar -u archive.tar",
        "disql: command not found",
        "keys: 12",
        "node exporter 10.154.54.58:9100",
        "user@oa3:/data$ ls -p",
        "ps -p 1234",
    ],
)
def test_8_5_what_is_no_secret_stays(line: str) -> None:
    assert clean(line.encode()) == line


@pytest.mark.parametrize(
    "word", ["a", "a ", "mysql ", "<a", "/", "-u ", "disql ", "eyJ-", "x://", "密", "sk-", "=[", "a.b-c_"]
)
def test_8_3_64_kib_of_anything_are_masked_at_once(word: str) -> None:
    """A pattern that looks ahead without a bound took minutes for one long word: the test's limit would end it."""
    text = word * (65_536 // len(word))
    assert mask(text).startswith(("***", word.strip()[:2]))


def test_tail_is_the_end() -> None:
    assert tail("\n".join(map(str, range(30))), lines=3) == "27\n28\n29"
    assert tail("x" * 50, characters=10) == "…" + "x" * 9
