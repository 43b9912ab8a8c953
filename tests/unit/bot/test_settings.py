"""Settings are read from file and environment, and every fault is named at once."""

from pathlib import Path

import pytest

from bot.adapters.slack.settings import SlackSettings
from bot.cli.platforms import PLATFORMS
from bot.core.errors import ConfigError
from bot.core.problems import in_locale
from bot.sections import SECTIONS
from bot.settings_file import load_settings
from handlers.duty.settings import DutySettings
from runbooks.remote.settings import SshSettings, known_hosts
from runbooks.runs.settings import RunsSettings


def faults(path: Path | None, environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        load_settings(path, environ, platforms=PLATFORMS, sections=SECTIONS)
    return [in_locale(fault, "en") for fault in refused.value.faults]


def ssh(environ: dict[str, str]) -> SshSettings:
    return load_settings(None, environ, platforms=PLATFORMS, sections=SECTIONS).section(SshSettings)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "zhiban.toml"
    path.write_text('data_dir = "org"\n[server]\nport = 9000\n[slack]\nbot_token_file = "token.txt"\n', "utf-8")
    return path


def test_the_environment_wins_and_paths_count_from_the_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token.txt").write_text("xoxb-secret\n", "utf-8")
    settings = load_settings(
        file,
        {"ZHIBAN_SERVER__PORT": "9001", "ZHIBAN_STATE_DIR": "state", "HOME": "/x"},
        platforms=PLATFORMS,
        sections=SECTIONS,
    )
    assert settings.server.port == 9001
    assert (settings.data_dir, settings.database) == (tmp_path / "org", tmp_path / "state" / "zhiban.db")
    slack = settings.section(SlackSettings)
    assert slack.bot_token is not None
    assert slack.bot_token.get_secret_value() == "xoxb-secret"
    assert "xoxb" not in repr(settings)


def test_every_fault_is_named_in_one_go(tmp_path: Path) -> None:
    path = tmp_path / "zhiban.toml"
    path.write_text('adapterz = ["local"]\nlocale = "fr"\n[server]\nport = 70000\n', "utf-8")
    found = faults(path, {"ZHIBAN_SERVER__HOSTT": "x", "ZHIBAN_LOCALE__X": "1"})
    for name in ("adapterz", "locale", "server.port", "server.hostt", "ZHIBAN_LOCALE__X"):
        assert any(name in fault for fault in found), name


def test_the_faults_of_every_platforms_section_stand_in_the_same_report(tmp_path: Path) -> None:
    path = tmp_path / "zhiban.toml"
    path.write_text('locale = "fr"\n[slack]\nhears = "nothing"\n[feishu]\napi_base = "http://x"\n[platforms.wecom]\n')
    environ = {"ZHIBAN_DINGTALK__APP_KEY": "k", "ZHIBAN_SLAK__BOT_TOKEN": "xoxb-1", "ZHIBAN_WECOM__CA_FILE": "/none"}
    assert [fault.split(": ")[1] for fault in faults(path, environ)] == [
        "platforms",
        "locale",
        "slak",
        "slack.hears",
        "feishu.api_base",
        "dingtalk",
    ]


def test_the_faults_of_the_capabilities_sections_stand_in_the_same_report_in_the_same_words(tmp_path: Path) -> None:
    path = tmp_path / "zhiban.toml"
    path.write_text(
        'duty = 3\nlocale = "fr"\n[runs]\nconfirm_minutes = 99\n[ssh]\nkeyfile = "/k"\nknown_hosts_file = "/none"\n'
        '[capabilities.duty]\nannounce_at = "07:00"\n',
        "utf-8",
    )
    assert faults(path, {"ZHIBAN_SSH__CONNECT_TIMEOUT": "0"}) == [
        f"{path}:7: ssh.known_hosts_file: cannot read /none: No such file or directory",
        f"{path}:8: capabilities: no such setting; a table [capabilities] is nobody's",
        f"{path}:2: locale: fr does not fit; write it like zh or en",
        "ZHIBAN_SSH__CONNECT_TIMEOUT: ssh.connect_timeout: 0 is too small; write more than 0",
        f"{path}:6: ssh.keyfile: no such setting; did you mean key_file?",
        f"{path}:4: runs.confirm_minutes: 99 is too large; write 60 or less",
        f"{path}:1: duty: is a table; write [duty] on a line of its own and its settings below",
    ]


def test_the_environment_reaches_the_section_of_a_capability_whose_key_file_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "zhiban.toml"
    path.write_text('[ssh]\nkey_file = "/none"\n[duty]\nannounce_at = "07:00"\n', "utf-8")
    environ = {"ZHIBAN_DUTY__CATCH_UP_UNTIL": "07:30", "ZHIBAN_RUNS__CONFIRM_MINUTES": "7"}
    settings = load_settings(path, environ, platforms=PLATFORMS, sections=SECTIONS)
    assert settings.section(DutySettings) == DutySettings(announce_at="07:00", catch_up_until="07:30")
    assert settings.section(RunsSettings).confirm_minutes == 7
    assert settings.section(SshSettings).key_file == Path("/none")
    assert known_hosts(settings) == settings.state_dir / "known_hosts"


@pytest.mark.parametrize("adapter", ["local", "recorder"])
def test_who_speaks_is_believed_on_loopback_only(adapter: str) -> None:
    environ = {"ZHIBAN_ADAPTERS": adapter, "ZHIBAN_SERVER__HOST": "0.0.0.0"}
    (fault,) = faults(None, environ)
    assert "loopback" in fault
    assert load_settings(
        None, {**environ, "ZHIBAN_SERVER__HOST": "127.0.0.2"}, platforms=PLATFORMS, sections=SECTIONS
    ).adapters == (adapter,)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"ZHIBAN_LOCAL__OPEN": "false", "ZHIBAN_SERVER__HOST": "0.0.0.0"}, ["local.open", "loopback"]),
        ({"ZHIBAN_LOCAL__OPEN": "false"}, ["local.open"]),
        ({"ZHIBAN_SERVER__PUBLIC_URL": "https://duty.example.gov"}, ["public address"]),
        ({"ZHIBAN_SERVER__PUBLIC_URL": "duty.example.gov"}, ["public address"]),
        *(
            ({"ZHIBAN_SERVER__HOST": host}, ["loopback"])
            for host in (
                "0.0.0.0",
                "::",
                "",
                "duty",
                "localhost.example.gov",
                "10.0.0.1",
                "127.0.0.1.nip.io",
                "*",
                "0",
                "fe80::1",
            )
        ),
        *(
            ({"ZHIBAN_SERVER__PUBLIC_URL": url}, ["public address"])
            for url in (
                "http://127.0.0.1@duty.example.gov",
                "http://localhost.example.gov:8080",
                "https://duty.example.gov/127.0.0.1",
                "//duty.example.gov",
                "http://10.0.0.1:8080",
                "http://0.0.0.0:8080",
            )
        ),
    ],
)
def test_8_1_nothing_opens_the_local_chat_to_others(environ: dict[str, str], words: list[str]) -> None:
    found = faults(None, {"ZHIBAN_ADAPTERS": "local", **environ})
    assert len(found) == len(words)
    assert all(word in fault for word, fault in zip(words, found, strict=True))


def test_8_1_a_loopback_address_is_no_public_one() -> None:
    environ = {"ZHIBAN_SERVER__PUBLIC_URL": "http://127.0.0.1:8080", "ZHIBAN_LOCAL__OPEN": "true"}
    assert load_settings(None, environ, platforms=PLATFORMS, sections=SECTIONS).adapters == ("local",)


def test_a_missing_or_broken_file_is_one_plain_line(tmp_path: Path) -> None:
    assert "no such file" in faults(tmp_path / "none.toml", {})[0]
    (tmp_path / "bad.toml").write_bytes(b"\xff = 1")
    assert "not valid TOML" in faults(tmp_path / "bad.toml", {})[0]


def test_a_store_that_is_not_here_yet_is_refused() -> None:
    assert "sqlite" in faults(None, {"ZHIBAN_STORE__URL": "postgresql://x"})[0]


@pytest.mark.parametrize("name", ["Mars/Base", "../../etc/passwd", ""])
def test_a_time_zone_that_does_not_exist_is_named(name: str, tmp_path: Path) -> None:
    path = tmp_path / "zhiban.toml"
    path.write_text("", "utf-8")
    (line,) = faults(path, {"ZHIBAN_TIMEZONE": name})
    assert "timezone" in line
    assert "is no time zone" in line


@pytest.mark.parametrize(
    ("adapters", "said"),
    [
        ("teams", "teams: no such platform in this version; write one of dingtalk, feishu, local, "),
        ("local,weecom", "weecom: no such platform in this version; did you mean wecom?"),
        ("", ": no such platform in this version; write one of dingtalk"),
    ],
)
def test_8_25_an_adapter_of_another_version_is_named_with_those_there_are(adapters: str, said: str) -> None:
    (fault,) = faults(None, {"ZHIBAN_ADAPTERS": adapters})
    assert said in fault
    assert "recorder" not in fault


def test_a_key_that_systemd_hands_over_is_taken_up(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    environ = {"CREDENTIALS_DIRECTORY": str(credentials)}
    assert ssh(environ).key_file is None
    (credentials / "ssh-key").write_text("key")
    assert ssh(environ).key_file == credentials / "ssh-key"
    (credentials / "ssh-key-cert.pub").write_text("certificate")
    assert ssh(environ).certificate_file == credentials / "ssh-key-cert.pub"
    named = ssh(environ | {"ZHIBAN_SSH__KEY_FILE": "/etc/zhiban/key"})
    assert (named.key_file, named.certificate_file) == (Path("/etc/zhiban/key"), None)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"AGENT": "/run/agent"}, "key_file is the public half"),
        ({"AGENT": "/run/agent", "KEY_FILE": "/etc/key"}, "key_file is the public half"),
        ({"CERTIFICATE_FILE": "/etc/key-cert.pub"}, "certificate_file goes with a key_file"),
    ],
)
def test_an_agent_and_a_certificate_need_to_know_their_key(given: dict[str, str], said: str) -> None:
    (fault,) = faults(None, {f"ZHIBAN_SSH__{name}": value for name, value in given.items()})
    assert said in fault
