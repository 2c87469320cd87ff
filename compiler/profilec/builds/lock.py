"""One builder at a time: a lock that the kernel gives back when its holder dies."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the lock of a file, which is made, waiting while another process does; the handle is what holds it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(handle)
        yield handle
    finally:
        os.close(handle)


@contextmanager
def locked_directory(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock of a directory, with nothing left in it; Windows, which opens none, leaves a file.

    Raises `TimeoutError` where another process holds it for so long.
    """
    is_file = os.name == "nt"
    handle = os.open(path / ".profilec.lock", os.O_RDWR | os.O_CREAT, 0o600) if is_file else os.open(path, os.O_RDONLY)
    try:
        deadline = time.monotonic() + seconds
        while not _is_acquired(handle):
            if time.monotonic() > deadline:
                raise TimeoutError(errno.ETIMEDOUT, "another program holds the lock of its directory", str(path))
            time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int) -> None:
    # Not by a call that waits: an interrupt that comes just before it would be heard after it.
    while not _is_acquired(handle):
        time.sleep(0.02)


if sys.platform == "win32":
    import msvcrt

    def _is_acquired(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _is_acquired(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
