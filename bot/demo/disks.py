"""What ``df`` shows: a data disk on LVM as in SOP 5.5 (``volumes``), filled a little differently everywhere."""

from dataclasses import dataclass

from bot.demo.call import Call
from bot.demo.volumes import Volumes

_KIB = 1024 * 1024  # of a GiB


@dataclass(frozen=True, slots=True)
class Disks:
    """The disks of one machine; ``used`` is the percentage of ``/data`` that was full before it grew."""

    used: int
    volumes: Volumes

    async def df(self, call: Call) -> int:
        """``df -P``, also for one mount point, with ``-T`` for the file system's type, or ``--output=avail`` alone."""
        blocks, full = self.volumes.size * _KIB, 1000 * _KIB * self.used // 100
        options = [arg for arg in call.args if arg.startswith("-")]
        if "--output=avail" in options:
            unit = 1024 if "-B1" in options else 1
            call.say(f"Avail\n{(blocks - full) * unit}")
            return 0
        typed = any(arg.startswith("-") and "T" in arg for arg in call.args)
        wanted = [arg for arg in call.args if not arg.startswith("-")]
        call.say(f"{'Filesystem':<24}{'Type ' if typed else ''} 1024-blocks      Used Available Capacity Mounted on")
        for device, size, used, mount in (
            ("/dev/mapper/klas-root", 52_635_648, 18_404_352, "/"),
            ("/dev/mapper/peppa-data", blocks, full, "/data"),
        ):
            if not wanted or mount in wanted:
                kind = "xfs  " if typed else ""
                percent = f"{-(-100 * used // size)}%"
                call.say(f"{device:<24}{kind} {size:>11} {used:>9} {size - used:>9} {percent:>8} {mount}")
        return 0
