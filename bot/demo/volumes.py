"""The data disk of one machine on LVM (SOP 5.5), and a new disk beside it that can be added to it; kept over a restart."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.demo.call import Call, Tool
from bot.demo.tree import Tree

GROUP, VOLUME, MOUNT, KIND = "peppa", "data", "/data", "xfs"
_KEPT = "/var/lib/demo/volumes.json"
_NEW = {"/dev/sdb": 200}  # GiB of the disk that was put in and has nothing on it
_USED = {"/dev/vda": 300, "/dev/vdb": 700}  # those that the data disk is on
_GIB = {"G": 1, "T": 1024}


@dataclass
class _State:
    """Sizes in GiB: of the volume, and of the file system on it; which new disks have a partition, and which are in use."""

    volume: int = 1000
    filesystem: int = 1000
    partitioned: tuple[str, ...] = ()
    physical: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()

    @property
    def free(self) -> int:
        """What the volume group has left."""
        return sum(_USED.values()) + sum(_NEW[disk] for disk in self.joined) - self.volume


class Volumes:
    """What the disk tools of SOP 5.5 see and change."""

    def __init__(self, files: Tree) -> None:
        self._files = files

    def tools(self) -> Mapping[str, Tool]:
        """By the names that people call them by."""
        changes: Mapping[str, Callable[[Call, _State], str]] = {
            "sgdisk": self._partition,
            "pvcreate": self._pvcreate,
            "pvremove": self._pvremove,
            "vgextend": self._vgextend,
            "vgreduce": self._vgreduce,
            "lvresize": self._lvresize,
            "xfs_growfs": self._grow,
        }
        looks: Mapping[str, Tool] = {
            "findmnt": self.findmnt,
            "lsblk": self.lsblk,
            "lvs": self.lvs,
            "vgs": self.vgs,
            "pvs": self.pvs,
            "wipefs": self.wipefs,
            "fdisk": self.fdisk,
        }
        return {**looks, **{name: self._changing(name, change) for name, change in changes.items()}}

    @property
    def size(self) -> int:
        """GiB of the file system."""
        return self._state().filesystem

    def has(self, device: str) -> bool:
        """Whether there is such a block device."""
        disks = {*_NEW, *_USED}
        parts = {f"{disk}1" for disk in (*_USED, *self._state().partitioned)}
        return device in {*disks, *parts, f"/dev/{GROUP}/{VOLUME}", f"/dev/mapper/{GROUP}-{VOLUME}"}

    async def findmnt(self, call: Call) -> int:
        """``findmnt -n -o SOURCE | FSTYPE MOUNT``: exit 1 for what is no mount."""
        if call.args[-1] != MOUNT:
            return 1
        call.say(KIND if "FSTYPE" in call.args else f"/dev/mapper/{GROUP}-{VOLUME}")
        return 0

    async def lsblk(self, call: Call) -> int:
        """``lsblk -n -d -o TYPE DEVICE``, or the listing of SOP 5.5 (``lsblk -l``)."""
        device = call.args[-1] if call.args else ""
        if device.startswith("/dev/"):
            if not self.has(device):
                call.complain(f"lsblk: {device}: not a block device")
                return 32
            call.say("lvm" if GROUP in device else "part" if device.endswith("1") else "disk")
            return 0
        state = self._state()
        call.say("NAME        MAJ:MIN RM   SIZE RO TYPE MOUNTPOINT")
        for name, shown, kind, mount in _FIXED:
            call.say(f"{name:<11} 252:0    0 {shown:>6} 0 {kind} {mount}".rstrip())
        call.say(f"{GROUP}-{VOLUME:<5} 252:2    0 {state.volume:>5}G 0 lvm  {MOUNT}")
        for disk, size in (_NEW | _USED).items():
            call.say(f"{disk[5:]:<11} 253:0    0 {size:>5}G 0 disk")
            if disk in _USED or disk in state.partitioned:
                call.say(f"{disk[5:] + '1':<11} 253:1    0 {size:>5}G 0 part")
        return 0

    async def lvs(self, call: Call) -> int:
        """``lvs --noheadings -o vg_name | lv_name DEVICE``, or one line with the size."""
        if "-o" in call.args:
            call.say(f"  {GROUP if 'vg_name' in call.args else VOLUME}")
        else:
            call.say(f"  LV   VG    Attr       LSize\n  {VOLUME} {GROUP} -wi-ao---- {self._state().volume}.00g")
        return 0

    async def vgs(self, call: Call) -> int:
        """``vgs GROUP``: its size and what is free of it."""
        state = self._state()
        call.say(
            f"  VG    #PV VSize    VFree\n  {GROUP} {len(state.joined) + 2:>3} {state.volume + state.free}.00g {state.free}.00g"
        )
        return 0

    async def pvs(self, call: Call) -> int:
        """``pvs``: the physical volumes behind the data disk."""
        call.say("  PV         VG    Fmt  Attr PSize    PFree")
        for disk in (*_USED, *self._state().physical):
            group = GROUP if disk in _USED or disk in self._state().joined else ""
            call.say(f"  {disk}1  {group:<5} lvm2 a--  {(_USED | _NEW)[disk]}.00g")
        return 0

    async def wipefs(self, call: Call) -> int:
        """``wipefs -n DISK``: nothing for a blank one."""
        disk = call.args[-1]
        if not self.has(disk):
            call.complain(f"wipefs: error: {disk}: probing initialization failed: No such file or directory")
            return 1
        if disk in _USED or disk in self._state().partitioned:
            call.say("DEVICE OFFSET TYPE UUID LABEL\n" + f"{disk[5:]}    0x200  gpt")
        return 0

    async def fdisk(self, call: Call) -> int:
        """``fdisk -l DISK``."""
        disk = call.args[-1]
        if not self.has(disk):
            call.complain(f"fdisk: cannot open {disk}: No such file or directory")
            return 1
        size = (_NEW | _USED)[disk]
        call.say(f"Disk {disk}: {size} GiB, {size * 1024**3} bytes, {size * 2 * 1024**2} sectors")
        if disk in _USED or disk in self._state().partitioned:
            call.say(f"Device     Type\n{disk}1  Linux LVM")
        return 0

    def _changing(self, name: str, change: Callable[[Call, _State], str]) -> Tool:
        """``change`` gives what the tool says; its ``ValueError`` is what the tool complains of."""

        async def tool(call: Call) -> int:
            state = self._state()
            try:
                said = change(call, state)
            except ValueError as error:
                call.complain(f"  {error}" if name != "sgdisk" else str(error))
                return 5
            self._files.at(_KEPT).parent.mkdir(parents=True, exist_ok=True)
            self._files.write(_KEPT, json.dumps(vars(state)).encode())
            call.say(said)
            return 0

        return tool

    def _partition(self, call: Call, state: _State) -> str:
        disk = call.args[-1]
        if disk not in _NEW or disk in state.partitioned:
            raise ValueError(f"Problem opening {disk} for writing, or it has a partition already")
        state.partitioned = (*state.partitioned, disk)
        return "The operation has completed successfully."

    def _pvcreate(self, call: Call, state: _State) -> str:
        disk = call.args[-1].removesuffix("1")
        if disk not in state.partitioned or disk in state.physical:
            raise ValueError(f"Cannot use {call.args[-1]}: device not found or in use")
        state.physical = (*state.physical, disk)
        return f'  Physical volume "{disk}1" successfully created.'

    def _pvremove(self, call: Call, state: _State) -> str:
        disk = call.args[-1].removesuffix("1")
        if disk not in state.physical or disk in state.joined:
            raise ValueError(f"PV {disk}1 is not there or is used by VG {GROUP}")
        state.physical = tuple(one for one in state.physical if one != disk)
        return f'  Labels on physical volume "{disk}1" successfully wiped.'

    def _vgextend(self, call: Call, state: _State) -> str:
        disk = call.args[-1].removesuffix("1")
        if disk not in state.physical or disk in state.joined:
            raise ValueError(f"No PV label found on {disk}1, or it is in {GROUP} already")
        state.joined = (*state.joined, disk)
        return f'  Volume group "{GROUP}" successfully extended'

    def _vgreduce(self, call: Call, state: _State) -> str:
        disk = call.args[-1].removesuffix("1")
        if disk not in state.joined or state.free < _NEW[disk]:
            raise ValueError(f"Physical volume {disk}1 is still in use")
        state.joined = tuple(one for one in state.joined if one != disk)
        return f'  Removed "{disk}1" from volume group "{GROUP}"'

    def _lvresize(self, call: Call, state: _State) -> str:
        asked = call.args[call.args.index("-L") + 1]
        more = int(asked[1:-1]) * _GIB[asked[-1]]
        if more > state.free:
            raise ValueError(
                f"Insufficient free space: {more * 256} extents needed, but only {state.free * 256} available"
            )
        state.volume += more
        return f"  Logical volume {GROUP}/{VOLUME} successfully resized."

    def _grow(self, call: Call, state: _State) -> str:
        if call.args[-1] != MOUNT:
            raise ValueError(f"xfs_growfs: {call.args[-1]} is not a mounted XFS filesystem")
        state.filesystem = state.volume
        return f"data blocks changed to {state.volume * 262_144}"

    def _state(self) -> _State:
        place = self._files.at(_KEPT)
        kept: dict[str, Any] = json.loads(place.read_bytes()) if place.exists() else {}
        volume, filesystem = (int(kept.get(name, 1000)) for name in ("volume", "filesystem"))
        disks = (tuple(kept.get(name, ())) for name in ("partitioned", "physical", "joined"))
        return _State(volume, filesystem, *disks)


_FIXED = (
    ("sda", "100G", "disk", ""),
    ("sda1", "200M", "part", "/boot/efi"),
    ("sda2", "1G", "part", "/boot"),
    ("sda3", "78.8G", "part", ""),
    ("klas-root", "50.2G", "lvm ", "/"),
    ("klas-swap", "4G", "lvm ", "[SWAP]"),
)
