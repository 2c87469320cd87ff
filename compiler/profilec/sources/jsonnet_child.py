"""The program that evaluates Jsonnet: messages on stdin -> messages on stdout.

A script of its own, for the engine hangs and dies of hostile programs. It needs the standard library and the engine
alone, asks its parent for every file, and shuts itself off from the machine before it looks at a program.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import IO, Any

# A message is a kind, and parts with their lengths in front.
Message = tuple[bytes, list[bytes]]
_HEAD, _LENGTH = struct.Struct(">cI"), struct.Struct(">Q")
# From the parent: what every program is handed, a text to evaluate, a file, why there is none.
INPUTS, EVALUATE, FILE, REFUSED = b"V", b"P", b"F", b"N"
# From the child: it is ready; a file is wanted; the result as JSON, the engine's complaint, the limit that was passed.
READY, IMPORT, RESULT, ERROR, LIMIT = b"H", b"I", b"R", b"E", b"L"

_SET_DEATH_SIGNAL, _NO_NEW_PRIVILEGES, _KILL = 1, 38, 9
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
# Every right to files of the first Landlock, and those that later ones know, by their version.
_FILE_RIGHTS = (1 << 13) - 1
_MORE_FILE_RIGHTS = {2: 1 << 13, 3: 1 << 14, 5: 1 << 15}


class Overlong(Exception):
    """The other side announced more than it may send."""


def send(stream: IO[bytes], kind: bytes, *parts: bytes) -> None:
    stream.write(_HEAD.pack(kind, len(parts)))
    for part in parts:
        stream.write(_LENGTH.pack(len(part)))
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes], most: int | None = None) -> Message:
    """The next message. Raises `EOFError` at the end of the stream, `Overlong` for more than `most` bytes."""
    kind, count = _HEAD.unpack(_exactly(stream, _HEAD.size))
    if most is not None and count > 2:
        raise Overlong
    parts = []
    for _ in range(count):
        (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
        if most is not None and length > most:
            raise Overlong
        parts.append(_exactly(stream, length))
    return kind, parts


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def main(engine: str, parent: str, memory: str, seconds: str, output: str) -> None:
    evaluate_snippet = _load(engine)
    libc = _libc()
    die_with(int(parent), libc)
    limit(int(memory))
    shut_off(libc)
    send(sys.stdout.buffer, READY)
    serve(evaluate_snippet, int(seconds), int(output))


def serve(evaluate_snippet: Callable[..., str], seconds: int, most: int) -> None:
    """Evaluate what the parent sends, until it closes the pipe."""
    inputs: dict[str, dict[str, str]] = {}
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while True:
        kind, parts = receive(source)
        if kind == INPUTS:
            texts = [_text(part) for part in parts]
            for group, name, value in zip(texts[::3], texts[1::3], texts[2::3], strict=True):
                inputs.setdefault(group, {})[name] = value
            continue
        _limit_processor(seconds)
        send(sink, *_evaluate(evaluate_snippet, parts, inputs, most))


def _evaluate(
    evaluate_snippet: Callable[..., str], parts: list[bytes], inputs: Mapping[str, Any], most: int
) -> tuple[bytes, bytes]:
    name, text = map(_text, parts)
    try:
        result = evaluate_snippet(name, text, import_callback=_ask, **inputs).encode()
    except MemoryError:
        return LIMIT, b"memory"
    except Exception as error:
        return ERROR, str(error).encode("utf-8", "replace")
    return (RESULT, result) if len(result) <= most else (LIMIT, b"output")


def _ask(directory: str, wanted: str) -> tuple[str, bytes]:
    """What the parent has for an import: the engine's name of it, and its bytes."""
    send(sys.stdout.buffer, IMPORT, directory.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))
    kind, parts = receive(sys.stdin.buffer)
    if kind == REFUSED:
        raise RuntimeError("refused")
    return _text(parts[0]), parts[1]


def _text(part: bytes) -> str:
    return part.decode("utf-8", "surrogatepass")


def _load(engine: str) -> Callable[..., str]:
    """The engine's function, from the file it lies in: no other package can be imported here."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("_jsonnet", engine)
    if spec is None or spec.loader is None:
        raise ImportError(engine)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[..., str] = module.evaluate_snippet
    return function


def _libc() -> Any:
    """The C library of Linux, or None."""
    if sys.platform != "linux":
        return None
    with suppress(ImportError, OSError):
        import ctypes

        return ctypes.CDLL(None, use_errno=True)
    return None


def die_with(parent: int, libc: Any) -> None:
    """End when the parent does. Elsewhere than on Linux only the next look at the pipe, or the clock, tells."""
    if libc is not None:
        libc.prctl(_SET_DEATH_SIGNAL, _KILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(0)


def limit(memory: int) -> None:
    """Bound memory, and deny core dumps and growing files, as far as the system can."""
    if sys.platform == "win32":
        return
    import resource

    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))


def shut_off(libc: Any) -> int:
    """Deny every file and socket from here on. Returns the version of Landlock that helped, 0 for none."""
    version = _landlock(libc) if libc is not None else 0
    if sys.platform != "win32":
        import resource

        # The three pipes are open. A process that may open no fourth file needs no other wall, where this one holds.
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    return version


def _landlock(libc: Any) -> int:
    """Give up all rights to files, to TCP, and to processes outside, as far as the kernel knows of them."""
    import ctypes

    version: int = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return 0
    files = _FILE_RIGHTS | sum(right for since, right in _MORE_FILE_RIGHTS.items() if version >= since)
    fields = [files, *([0b11] if version >= 4 else []), *([0b11] if version >= 6 else [])]
    rights = struct.pack(f"={len(fields)}Q", *fields)
    rules = libc.syscall(_CREATE_RULESET, rights, ctypes.c_size_t(len(rights)), ctypes.c_uint32(0))
    if rules < 0:
        return 0
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    refused: int = libc.syscall(_RESTRICT_SELF, rules, ctypes.c_uint32(0))
    os.close(rules)
    return 0 if refused else version


def _limit_processor(seconds: int) -> None:
    """Seconds of processor time from now on: the parent's clock ends a program first, unless the parent is gone."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 2, hard))


def pack_inputs(groups: Mapping[str, Mapping[str, str]]) -> Iterable[bytes]:
    """The parts of an INPUTS message: group, name and value of each."""
    for group, values in groups.items():
        for name, value in values.items():
            yield from (each.encode("utf-8", "surrogatepass") for each in (group, name, value))


if __name__ == "__main__":
    with suppress(EOFError, BrokenPipeError):
        main(*sys.argv[1:])
    # What the interpreter would flush and take apart at its end is of no use to anyone.
    os._exit(0)
