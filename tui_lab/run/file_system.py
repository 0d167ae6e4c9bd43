"""Whether a path is on this machine's disks or on another's."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import psutil

_KINDS = (
    *("nfs", "cifs", "smb", "sshfs", "lustre", "gpfs", "beegfs", "ceph", "gluster", "panfs", "pvfs", "juicefs"),
    *("9p", "afs", "afpfs", "davfs", "virtiofs", "vboxsf", "vmhgfs", "grpcfuse"),
)


class Mount(Protocol):
    """What is mounted where, as psutil says it."""

    @property
    def mountpoint(self) -> str: ...
    @property
    def fstype(self) -> str: ...


def on_network(path: Path, mounts: Iterable[Mount] | None = None) -> bool:
    """Whether `path` (it need not exist) lies on a network file system, where processes share no memory-mapped file.

    `mounts` are those of this machine unless given; of two on one place the later hides the earlier.
    """
    path = path.resolve()
    holding = [
        mount
        for mount in (psutil.disk_partitions(all=True) if mounts is None else mounts)
        if path.is_relative_to(mount.mountpoint)
    ]
    if not holding:
        return False
    deepest = max(len(Path(mount.mountpoint).parts) for mount in holding)
    kind = [mount.fstype for mount in holding if len(Path(mount.mountpoint).parts) == deepest][-1].lower()
    return kind.removeprefix("fuse.").startswith(_KINDS)
