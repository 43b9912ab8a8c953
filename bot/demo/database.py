"""A database machine of SOP 5.1: the service and its watcher, the licence and the export."""

import asyncio
from datetime import datetime, timedelta, timezone
from functools import partial

from bot.demo.call import Call, Tool
from bot.demo.processes import Process, Processes

BIN = "/data/dmdba/dmdbms/bin"
PORT = 5236
_TZ = timezone(timedelta(hours=8))  # China has had one time without summer time since 1992
_INI = "/data/dmdba/dmdbms/data/DMDB/dm.ini"
_SERVICES = {
    "DmServiceDMSERVER": f"{BIN}/dmserver {_INI} -noconsole",
    "DmWatcherServiceDMSERVER": f"{BIN}/dmwatcher {_INI}",
}
_LETS_IN = "select 'LETS' || '_IN' from dual;"
_LOAD, _EXPIRY = "call sp_load_lic_info();", "select expired_date from v$license;"


class Database:
    """Up after every start of the demo, watched. A stop under a running watcher is undone by it."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._running: dict[str, Process] = {}
        for name in _SERVICES:
            self._up(name)

    @property
    def serving(self) -> bool:
        return "DmServiceDMSERVER" in self._running

    def tools(self) -> dict[str, Tool]:
        """Its programs by the paths that the SOP gives."""
        services: dict[str, Tool] = {f"{BIN}/{name}": partial(self._service, name) for name in _SERVICES}
        return {**services, f"{BIN}/disql": self._disql, f"{BIN}/dexp": self._dexp}

    def _up(self, name: str) -> None:
        self._running[name] = self._processes.spawn(_SERVICES[name], "dmdba")

    async def _service(self, name: str, call: Call) -> int:
        """``start``, ``stop`` or ``status`` of one service."""
        running = self._running.get(name)
        match call.args:
            case ("status",):
                call.say(f"{name} (pid {running.pid}) is running." if running else f"{name} is stopped.")
                return 0 if running else 3
            case ("start",) if not running:
                await asyncio.sleep(0.8 * call.pace)
                self._up(name)
                call.say(f"Starting {name}: [ OK ]")
                return 0
            case ("stop",):
                await asyncio.sleep(0.8 * call.pace)
                if running:
                    self._processes.end(self._running.pop(name))
                if name == "DmServiceDMSERVER" and "DmWatcherServiceDMSERVER" in self._running:
                    self._up(name)
                call.say(f"Stopping {name}: [ OK ]")
                return 0
            case _:
                call.say(f"{name} is running." if running else f"usage: {name} start|stop|status")
                return 1

    async def _disql(self, call: Call) -> int:
        """``disql '/ as sysdba' -E SQL`` for the two statements of SOP 5.7, and for whether it lets ``dmdba`` in."""
        match call.args:
            case ("/ as sysdba", "-E", sql) if sql == _LETS_IN and self.serving:
                call.say("行号     'LETS'||'_IN'\n---------- ------------\n1          LETS_IN")
                return 0
            case ("/ as sysdba", "-E", sql) if sql == _LOAD and self.serving:
                call.files.write(f"{BIN}/loaded", call.files.read(f"{BIN}/dm.key"))
                call.say("DMSQL 过程已成功完成")
                return 0
            case ("/ as sysdba", "-E", sql) if sql == _EXPIRY and self.serving:
                call.say("行号     EXPIRED_DATE\n---------- ------------")
                call.say(f"1          {call.files.read(f'{BIN}/loaded').decode().strip()}")
                return 0
            case _:
                call.say("[-70028]:创建SOCKET连接失败." if not self.serving else "[-2007]:语法分析出错")
                return 1

    async def _dexp(self, call: Call) -> int:
        """``dexp … file=F log=L schemas=S directory=D``: a dump of nothing."""
        given = dict(word.split("=", 1) for word in call.args)
        if not self.serving:
            call.say("[-70028]:创建SOCKET连接失败.")
            return 1
        await asyncio.sleep(2 * call.pace)
        call.files.write(f"{given['directory']}/{given['file']}", b"DM dump " * 4096)
        call.files.write(f"{given['directory']}/{given['log']}", b"ok\n")
        call.say(f"正在导出模式[{given['schemas']}]\n成功终止导出, 没有出现警告")
        return 0


def seed_files() -> dict[str, str]:
    """What a fresh database machine has on its disk; the database begins a log each month."""
    month = datetime.now(_TZ)
    return {
        f"{BIN}/dm.key": "2026-12-31\n",
        f"{BIN}/loaded": "2026-12-31\n",
        "/data/dmdba_backup/oa/README": "backups of E9\n",
        f"/data/dmdba/dmdbms/log/dm_DMSERVER_{month:%Y%m}.log": f"{month:%Y-%m}-01 08:02:14 SYSTEM IS READY.\n",
        "/tmp/README": "\n",  # noqa: S108 - the folder of a simulated machine
    }
