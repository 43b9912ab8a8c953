"""What ``df``, ``lsblk`` and ``pvs`` show: a data disk on LVM as in SOP 5.5, filled a little differently everywhere."""

from dataclasses import dataclass

from bot.demo.call import Call

_DATA_BLOCKS = 1_048_366_080  # KiB, about 1000 GiB


@dataclass(frozen=True, slots=True)
class Disks:
    """The disks of one machine; ``used`` is the percentage of ``/data`` that is full."""

    used: int

    async def df(self, call: Call) -> int:
        """``df -P``, also for one mount point, with ``-T`` for the file system's type, or ``--output=avail`` alone."""
        options = [arg for arg in call.args if arg.startswith("-")]
        if "--output=avail" in options:
            unit = 1024 if "-B1" in options else 1
            call.say(f"Avail\n{_DATA_BLOCKS * (100 - self.used) // 100 * unit}")
            return 0
        typed = any(arg.startswith("-") and "T" in arg for arg in call.args)
        wanted = [arg for arg in call.args if not arg.startswith("-")]
        call.say(f"{'Filesystem':<24}{'Type ' if typed else ''} 1024-blocks      Used Available Capacity Mounted on")
        full = _DATA_BLOCKS * self.used // 100
        for device, blocks, used, mount in (
            ("/dev/mapper/klas-root", 52_635_648, 18_404_352, "/"),
            ("/dev/mapper/peppa-data", _DATA_BLOCKS, full, "/data"),
        ):
            if not wanted or mount in wanted:
                kind = "xfs  " if typed else ""
                percent = f"{-(-100 * used // blocks)}%"
                call.say(f"{device:<24}{kind} {blocks:>11} {used:>9} {blocks - used:>9} {percent:>8} {mount}")
        return 0

    async def lsblk(self, call: Call) -> int:
        """``lsblk`` with any options: the listing of SOP 5.5 (``lsblk -l``)."""
        call.stdout(_LSBLK.encode())
        return 0

    async def pvs(self, call: Call) -> int:
        """``pvs``: the physical volumes behind the data disk."""
        call.stdout(_PVS.encode())
        return 0


_LSBLK = """\
NAME        MAJ:MIN RM   SIZE RO TYPE MOUNTPOINT
sda           8:0    0   100G  0 disk
sda1          8:1    0   200M  0 part /boot/efi
sda2          8:2    0     1G  0 part /boot
sda3          8:3    0  78.8G  0 part
sr0          11:0    1  1024M  0 rom
klas-root   252:0    0  50.2G  0 lvm  /
klas-swap   252:1    0     4G  0 lvm  [SWAP]
peppa-data  252:2    0 999.8G  0 lvm  /data
klas-backup 252:3    0  24.5G  0 lvm
vda         253:0    0   300G  0 disk
vda1        253:1    0   300G  0 part
vdb         253:16   0   700G  0 disk
vdb1        253:17   0   700G  0 part
"""
_PVS = """\
  PV         VG    Fmt  Attr PSize    PFree
  /dev/sda3  klas  lvm2 a--    78.80g    0
  /dev/vda1  peppa lvm2 a--  <300.00g    0
  /dev/vdb1  peppa lvm2 a--  <700.00g    0
"""
