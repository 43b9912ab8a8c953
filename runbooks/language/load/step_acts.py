"""What the own key of a step says: the command, the address that is asked, the file that is changed."""

import re
from dataclasses import replace

from bot.core.problems import Told
from data.load.yaml_file import Spot
from runbooks.language import probes
from runbooks.language.load import shared_keys as read
from runbooks.language.load.step_forms import (
    AskStep,
    DownloadStep,
    HttpStep,
    NginxStep,
    PortStep,
    RunStep,
    SetStep,
    StepEntry,
    TitledStep,
    UploadStep,
)
from runbooks.language.load.texts import text_of
from runbooks.language.steps import StepDefinition
from runbooks.language.vocabulary import Kind, Text

_MODE = re.compile(r"0[0-7]{3}", re.ASCII)
_TITLES: dict[type[StepEntry], Text] = {
    HttpStep: Text("检查访问", "check that it answers"),
    PortStep: Text("检查端口", "check the port"),
    SetStep: Text("修改配置", "change the setting"),
    UploadStep: Text("上传文件", "upload the file"),
    DownloadStep: Text("取文件", "fetch the file"),
}
_NGINX_TITLES = {
    Kind.EDIT: Text("备份并修改配置", "back up and edit the configuration"),
    Kind.WORKERS: Text("核对新配置生效", "the new configuration is live"),
    Kind.DRAINED: Text("等旧连接结束", "wait for old connections to end"),
}


def title(entry: StepEntry, at: Spot) -> Text:
    """What people are shown or asked; a plain command has no title but its own."""
    if isinstance(entry, AskStep):
        return Text(entry.ask.zh, entry.ask.en)
    usual = _NGINX_TITLES.get(entry.kind) if isinstance(entry, NginxStep) else _TITLES.get(type(entry))
    written = entry.title if isinstance(entry, TitledStep) else None
    if written is None and usual is None:
        at.report(Told("runbooks/no_title"))
    return text_of(written, usual or Text("", ""))


def acted(step: StepDefinition, entry: StepEntry, at: Spot, names: read.KnownNames) -> StepDefinition:
    """The step with what its own key says."""
    match entry:
        case RunStep():
            return _run(step, entry, at, names)
        case HttpStep():
            return _http(step, entry, at, names)
        case PortStep():
            return _port(step, entry, at, names)
        case SetStep():
            setting = entry.setting
            given = {"file": setting.file, "key": setting.key, "value": setting.value}
            for key, text in given.items():
                read.word(at.child("set"), key, text, names)
            return replace(step, kind=Kind.SET, words=given)
        case UploadStep():
            return _upload(step, entry, at, names)
        case DownloadStep():
            given = {
                "path": read.word(at, "download", entry.download, names),
                "name": read.word(at, "name", entry.name, names),
            }
            return replace(step, kind=Kind.DOWNLOAD, words=given)
        case AskStep():
            return replace(step, kind=Kind.ASK)
        case _:
            return step


def _upload(step: StepDefinition, entry: UploadStep, at: Spot, names: read.KnownNames) -> StepDefinition:
    if not _MODE.fullmatch(entry.mode):
        at.report(Told("runbooks/bad_mode", given=entry.mode), "mode")
    given = {"source": read.word(at, "upload", entry.upload, names), "to": read.word(at, "to", entry.to, names)}
    return replace(step, kind=Kind.UPLOAD, words=given | {"mode": entry.mode})


def _run(step: StepDefinition, entry: RunStep, at: Spot, names: read.KnownNames) -> StepDefinition:
    step = replace(step, argv=read.argv(at, "run", entry.run, names))
    if entry.wait and step.kind is Kind.RUN:
        return replace(step, kind=Kind.WAIT, limit=float(entry.wait))
    return step


def _http(step: StepDefinition, entry: HttpStep, at: Spot, names: read.KnownNames) -> StepDefinition:
    if entry.want not in {"up", "down"} and not re.fullmatch("[1-5][0-9]{2}", entry.want, re.ASCII):
        at.report(Told("runbooks/bad_status", given=entry.want), "want")
    url = read.word(at, "http", entry.http, names)
    return probes.http(step, url, entry.want, float(entry.wait or 0))


def _port(step: StepDefinition, entry: PortStep, at: Spot, names: read.KnownNames) -> StepDefinition:
    if ":" not in entry.port:
        at.report(Told("runbooks/bad_port", given=entry.port), "port")
    if entry.want not in {"open", "closed"}:
        at.report(Told("runbooks/bad_want", given=entry.want), "want")
    address = read.word(at, "port", entry.port, names)
    return probes.port(step, address, entry.want == "open", float(entry.wait or 0))
