"""Chunks of work -> their results, in order, from one process or from several."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from concurrent.futures import Executor

Item = TypeVar("Item")
Result = TypeVar("Result")

# What the process that shares the work does more than its copies, whose results travel.
HEAD_START = 0.2
# What a process has to have to do, in bytes of source text, before starting it pays.
_WORTH_A_PROCESS = 150_000
_MOST_PROCESSES = 8
_PIPE_BYTES = 1 << 20


def jobs_that_pay(total: int) -> int:
    """How many processes are worth starting for so many bytes of source text."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, _MOST_PROCESSES, total // _WORTH_A_PROCESS))


def can_fork() -> bool:
    """Whether this process may be copied: a copy has one thread, and locks that others held stay locked."""
    return hasattr(os, "fork") and threading.active_count() == 1


def chunks_of(items: Sequence[Item], sizes: Sequence[int], parts: int, head_start: float = 0.0) -> list[Sequence[Item]]:
    """Consecutive items in about `parts` chunks of about equal size, the first larger by a share of `head_start`."""
    share = sum(sizes) / (parts + head_start) or 1
    chunks: list[list[Item]] = []
    filled = 0.0
    for item, size in zip(items, sizes, strict=True):
        if not chunks or filled >= share * (len(chunks) + head_start):
            chunks.append([])
        chunks[-1].append(item)
        filled += size
    return list(chunks)


def with_executor(
    executor: Executor, function: Callable[[Sequence[Item]], Result], chunks: Sequence[Sequence[Item]]
) -> list[Result]:
    """Apply a function to each chunk on an executor; the function and the chunks must be picklable."""
    futures = [executor.submit(function, chunk) for chunk in chunks]
    return [future.result() for future in futures]


def in_copies(function: Callable[[Sequence[Item]], Result], chunks: Sequence[Sequence[Item]]) -> list[Result]:
    """Apply a function to each chunk: the first one here, each other one in a copy of this process.

    A copy sees all that is in memory, so only results travel. A copy that dies, for want of memory perhaps, is
    replaced by doing its chunk here.
    """
    copies = [_start(function, chunk) for chunk in chunks[1:]]
    results = [function(chunk) for chunk in chunks[:1]]
    for (pid, reader), chunk in zip(copies, chunks[1:], strict=True):
        try:
            with os.fdopen(reader, "rb") as stream:
                results.append(pickle.load(stream))
        except (EOFError, pickle.UnpicklingError):
            results.append(function(chunk))
        finally:
            os.waitpid(pid, 0)
    return results


def _start(function: Callable[[Sequence[Item]], Result], chunk: Sequence[Item]) -> tuple[int, int]:
    reader, writer = os.pipe()
    if sys.platform == "linux":
        # Room for a result of usual size, so that a copy need not wait until it is read.
        with suppress(OSError):
            fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    # In the copy. Nothing here may return, or both would go on with the program.
    with suppress(BaseException), os.fdopen(writer, "wb") as stream:
        os.close(reader)
        pickle.dump(function(chunk), stream, pickle.HIGHEST_PROTOCOL)
    os._exit(0)
