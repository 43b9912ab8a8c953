"""Secrets in the shapes of single programs, of quotes within quotes and of plain speech; what only looks like one stays.

``CANARY`` is the secret; ``\\n`` a new line. All are invented.
"""

from unicodedata import normalize

import pytest

from bot.core.redact import clean

SECRETS = (
    "password=CANARYx1,CANARYx2",
    "DB_PASSWORD: CANARYx1,CANARYx2!",
    "root/CANARYx1 登录试试",
    "用 admin/CANARYx1登录",
    "user root pass CANARYabc",
    "username: oa password CANARYabc",
    "machine git.example.com login oa password CANARYabc",
    "login oa\npassword CANARYabc",
    "10.154.0.9:5432:oa:oauser:CANARYabc",
    "*:*:*:postgres:CANARYabc",
    "ｐａｓｓｗｏｒｄ：CANARYx1",
    "ｐａｓｓｗｏｒｄ：ＣＡＮＡＲＹｘ１",
    "密码是ＣＡＮＡＲＹｘ１",
    "mongo -u admin -p CANARYx1 --authenticationDatabase admin",
    "redis-cli AUTH CANARYx1",
    "AUTH CANARYx1",
    "AUTH default CANARYx1",
    '{\\"password\\":\\"CANARYx1\\"}',
    '{"credential": "CANARYx1abc"}',
    '{"credentials":"oa:CANARYx1"}',
    "password => 'CANARYx1'",
    "'DB_PASS' => 'CANARYx1',",
    "define('DB_PASSWORD', 'CANARYx1');",
    "docker login -u oa -p CANARYx1 reg.example.com",
    "curl -su admin:CANARYx1 http://10.0.0.1",
    "curl -k -sSu 'admin:CANARYx1' http://10.0.0.1",
    "curl --proxy-user oa:CANARYx1 https://x",
    "http -a oa:CANARYx1 https://x",
    "https://x/?auth=CANARYx1abc",
    "smbclient //srv/share -U oa%CANARYx1",
    "net use z: \\\\srv\\x /user:oa CANARYx1",
    "snmpwalk -v3 -u oa -A CANARYx1 -X CANARYx2 host",
    "snmpget -v2c -c CANARYx1 10.0.0.1",
    "expect -c 'send \"CANARYx1\\r\"'",
    "zip -P CANARYx1 a.zip b",
    "unzip -P CANARYx1 a.zip",
    "7z x -pCANARYx1 a.7z",
    "passwd oa <<< CANARYx1",
    "exp oa/CANARYx1@orcl file=a.dmp",
    "imp userid=oa/CANARYx1@orcl",
    "dmrman userid=SYSDBA/CANARYx1",
    "密码＝CANARYx1",
    "账密 oa/CANARYx1",
    "账密：oa CANARYx1",
    "密码《CANARYx1》",
    "API Key：CANARYx1abc",
    "api key is CANARYx1abc",
    "私钥：CANARYx1abc",
    "AK：abc SK：CANARYx1abc",
    "login: oa / CANARYx1",
    "my new pass is CANARYx1",
    "use CANARYx1 as password",
    "CANARYx1 is the password",
    "Password for oa: CANARYx1",
    "<ns:Password>CANARYx1</ns:Password>",
    "<password><![CDATA[CANARYx1]]></password>",
)
PLAIN = (
    "ｏａ３ 打不开，ＩＰ １０.１５４.０.９",
    "10:20:30:40:50",
    "2001:0db8:85a3:0000:8a2e",
    "看 /root/app2 登录页面",
    "12 tests pass 2026-11",
    "密码登录不了，提示 oa3 连接失败",
    "用户密码都对，就是 oa 登不上",
    "密码输入 3 次被锁定",
    "验证码 5 分钟没收到",
    "AUTH failed",
    "pass the test",
    "docker login 失败",
    "zip -P 选项报错",
    "root/管理员 登录 10.154.54.58 失败",
    "pass rate 98",
    "unzip -p a.zip b",
    "7z x a.7z",
    "-p 6888",
    "oa/oa@oa3 登录",
    "credential 过期",
    "credentials: missing",
    "ps -ef",
    "BYPASS=1",
    "COMPASS_URL=http://x",
    "PASS=12 FAIL=0",
    "SK 市人民医院",
    "ak 大厦断网",
    "私钥文件找不到",
    "login: 3 failed",
    "snmpget -v2c timeout",
    "http -a 参数",
    "curl -sS http://10.0.0.1:8080/x",
    "scp -P 22 a:b c",
    "exp: 12",
    "imp failed",
    "https://x/?author=zhang",
    "git push -u origin main",
    "密码《操作手册》第三章",
    "auth: ok",
    "authentication=none",
    "author: 何牧",
    "passage: 3",
    "rsync -avu oa1:/data /backup",
    "sudo chown -Ru oa:oa /data",
    "http -a 参数",
    "unzip -p a.zip b",
    "密码《操作手册》第三章",
    "验证码 1001 错误",
    "use oa3 as jump host",
    'send "yes"',
    "login: 3 failed / 5 tries",
    "AUTH failed",
    "the api key is missing",
    "put('id', 'x')",
    "net use z: \\\\srv\\x",
)


@pytest.mark.parametrize("line", SECRETS)
def test_8_5_a_secret_of_any_program_and_in_any_words_is_masked(line: str) -> None:
    assert "CANARY" not in normalize("NFKC", clean(line.replace("\\n", "\n").encode()))


@pytest.mark.parametrize("line", PLAIN)
def test_8_5_what_only_looks_like_one_stays(line: str) -> None:
    assert clean(line.encode()) == line


LEADS = [
    "mongo ",
    "zip a ",
    "snmpget ",
    "7z ",
    "net use ",
    "curl ",
    "http ",
    "redis-cli ",
    "exp a",
    "use a",
    "a1 ",
    "set(",
]
LEADS += [
    "AUTH a ",
    "login:a",
    "password for a",
    "sudo ",
    "<password><![CDATA[",
    "userid=",
    'send "a',
    "密码《",
    "token\\\\",
]


@pytest.mark.parametrize("line", LEADS)
def test_8_3_64_kib_of_what_comes_before_a_secret_is_read_at_once(line: str) -> None:
    """What looks ahead without a bound takes minutes for these: the test's limit would end it."""
    assert clean((line * (65_536 // len(line))).encode())


def test_8_5_what_follows_a_password_behind_a_comma_stays() -> None:
    assert clean(b"password=hunter2,user=oa,host=db1") == "password=***,user=oa,host=db1"
