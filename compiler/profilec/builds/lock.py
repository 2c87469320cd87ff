"""One builder at a time: a lock that the kernel gives back when its holder dies."""

from __future__ import annotations

import os
import sys
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
def locked_directory(path: Path) -> Iterator[None]:
    """Hold the lock of a directory, with nothing left in it; Windows, which opens none, leaves a file."""
    if os.name == "nt":
        with locked(path / ".profilec.lock"):
            yield
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        _acquire(handle)
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt
    import time

    def _acquire(handle: int) -> None:
        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
                return
            except OSError:
                time.sleep(0.05)

else:
    import fcntl

    def _acquire(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)
