"""Bytes -> a file, whole or not at all, as open to others as it was and no more, and with the same owner."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, data: bytes, is_private: bool) -> None:
    """Put a file in the place of another, or of none, in one step. Its mode stays, without others' part if private."""
    owner = None
    try:
        status = path.stat()
        mode, owner = stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)
    except FileNotFoundError:
        umask = os.umask(0o077)
        os.umask(umask)
        mode = 0o666 & ~umask
    handle, temporary = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        if owner and hasattr(os, "chown"):
            # Whoever may not give files away is their owner, or makes it his.
            with suppress(PermissionError):
                os.chown(temporary, *owner)
        Path(temporary).chmod(mode & 0o700 if is_private else mode)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
