"""Which file systems are another machine's."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tui_lab.run.file_system import on_network


@dataclass(frozen=True)
class Mounted:
    mountpoint: str
    fstype: str


MOUNTS = [
    Mounted("/", "ext4"),
    Mounted("/home", "autofs"),
    Mounted("/home/ada", "nfs4"),
    Mounted("/home/ada/fast disk", "xfs"),
    Mounted("/data", "ext4"),
    Mounted("/data", "lustre"),
]


@pytest.mark.parametrize(
    ("path", "elsewhere"),
    [
        ("/tmp/history.sqlite", False),
        ("/home/bob/history.sqlite", False),
        ("/home/ada/runs/history.sqlite", True),
        ("/home/adalbert/history.sqlite", False),
        ("/home/ada/fast disk/history.sqlite", False),
        ("/home/ada/fast disk/../history.sqlite", True),
        ("/data/history.sqlite", True),
    ],
)
def test_the_deepest_and_latest_mount_counts(path: str, elsewhere: bool) -> None:
    assert on_network(Path(path), MOUNTS) is elsewhere


@pytest.mark.parametrize(
    "kind",
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "lustre", "gpfs", "beegfs", "9p", "ceph", "fuse.ceph-fuse"],
)
def test_a_network_file_system(kind: str) -> None:
    assert on_network(Path("/x"), [Mounted("/", kind)]) is True


@pytest.mark.parametrize(
    "kind", ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "apfs", "fuseblk", "fuse.mergerfs"]
)
def test_a_local_file_system(kind: str) -> None:
    assert on_network(Path("/x"), [Mounted("/", kind)]) is False


def test_without_mounts_a_path_is_taken_as_local() -> None:
    assert on_network(Path("/x"), []) is False


def test_the_machine_itself_can_be_asked() -> None:
    assert on_network(Path("/proc/self")) is False
