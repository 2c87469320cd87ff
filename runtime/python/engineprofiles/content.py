"""messages as callers write them -> a Conversation: system texts, and turns of texts and images."""

from __future__ import annotations

import base64
import os

from .errors import BadOption
from .messages import normalise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .messages import Messages

LARGEST_IMAGE = 32 << 20
_MAGIC = {b"\x89PNG\r\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
_SHAPES = (
    'a content is a text, or a list of texts and of {"type": "text", "text": …} and '
    '{"type": "image", "url" | "data" | "file": …}'
)


class Image:
    """An image by URL, or its bytes in base64 with their media type."""

    __slots__ = ("data", "media_type", "url")

    def __init__(self, url: str | None, data: str | None, media_type: str | None) -> None:
        self.url = url
        self.data = data
        self.media_type = media_type

    @property
    def as_url(self) -> str:
        """The URL, or a data URL of the bytes."""
        return self.url or f"data:{self.media_type};base64,{self.data}"


class Turn:
    """What one side says: `role` is system, user or assistant, `parts` texts and Images."""

    __slots__ = ("parts", "position", "role")

    def __init__(self, role: str, parts: list[str | Image], position: int) -> None:
        self.role = role
        self.parts = parts
        self.position = position

    @property
    def text(self) -> str | None:
        """The text, where there is nothing else."""
        return "".join(str(part) for part in self.parts) if self.is_text else None

    @property
    def is_text(self) -> bool:
        return all(isinstance(part, str) for part in self.parts)


def conversation(messages: Messages) -> list[Turn]:
    """The turns of checked messages. Image files are read here. Raises BadOption."""
    turns = [_turn(message, position) for position, message in enumerate(normalise(messages))]
    if not any(turn.role != "system" for turn in turns):
        raise _refusal("`messages` has nothing for the model to answer", 'add {"role": "user", "content": …}')
    return turns


def split_system(turns: list[Turn]) -> tuple[str | None, list[Turn]]:
    """The system text at the beginning, and the turns after it; a system message further on is BadOption."""
    begin = next(position for position, turn in enumerate(turns) if turn.role != "system")
    for turn in turns[begin:]:
        if turn.role == "system":
            raise _refusal(
                f"`messages[{turn.position}]` is a system message after the conversation began",
                "this protocol has system messages at the beginning only",
            )
    texts = [turn.text or "" for turn in turns[:begin]]
    return ("\n\n".join(texts) if texts else None), turns[begin:]


def _turn(message: dict[str, Any], position: int) -> Turn:
    what = f"messages[{position}]"
    role = {"developer": "system", "model": "assistant"}.get(message["role"], message["role"])
    if role not in ("system", "user", "assistant"):
        raise _refusal(f"`{what}.role` is not system, user or assistant", "tools are the application's own")
    content = message["content"]
    if isinstance(content, str):
        return Turn(role, [content], position)
    if not isinstance(content, (list, tuple)):
        raise _refusal(f"`{what}.content` is {type(content).__name__}", _SHAPES)
    parts = [_part(part, f"{what}.content[{index}]") for index, part in enumerate(content)]
    if role != "user" and not all(isinstance(part, str) for part in parts):
        raise _refusal(f"`{what}` holds an image, and is not of the user", "images are the user's")
    return Turn(role, parts, position)


def _part(part: object, what: str) -> str | Image:
    if isinstance(part, str):
        return part
    if isinstance(part, dict):
        if part.get("type") == "text" and isinstance(part.get("text"), str):
            return str(part["text"])
        if part.get("type") == "image":
            return _image(part, what)
        if part.get("type") == "image_url":
            url = part.get("image_url")
            return _image({"url": url.get("url") if isinstance(url, dict) else url}, what)
    raise _refusal(f"`{what}` is no text and no image", _SHAPES)


def _image(part: dict[str, Any], what: str) -> Image:
    given = [name for name in ("url", "data", "file") if part.get(name) is not None]
    if len(given) != 1:
        raise _refusal(f"`{what}` has {len(given)} of `url`, `data` and `file`", "give one of them")
    media_type = part.get("media_type")
    if given == ["url"]:
        url = part["url"]
        if not isinstance(url, str) or not url.startswith(("https://", "http://", "gs://", "data:")):
            raise _refusal(
                f"`{what}.url` is no http, https, gs or data URL", 'a file is {"type": "image", "file": PATH}'
            )
        if not url.startswith("data:"):
            return Image(url, None, media_type)
        declared, comma, data = url[5:].partition(",")
        if not comma or not declared.endswith(";base64"):
            raise _refusal(f"`{what}.url` is a data URL that is not base64", "write data:image/png;base64,…")
        return Image(None, data, declared[: -len(";base64")])
    content = _read(part["file"], what) if given == ["file"] else part["data"]
    if not isinstance(content, (bytes, bytearray)):
        raise _refusal(f"`{what}.data` is {type(content).__name__}, not bytes", _SHAPES)
    media_type = media_type or _media_type(bytes(content[:16]))
    if not isinstance(media_type, str):
        raise _refusal(f"`{what}` is no PNG, JPEG, GIF or WebP", "say what it is in `media_type`")
    return Image(None, base64.b64encode(content).decode("ascii"), media_type)


def _read(file: object, what: str) -> bytes:
    try:
        with open(os.fspath(file), "rb") as stream:  # type: ignore[call-overload]  # noqa: PTH123
            data: bytes = stream.read(LARGEST_IMAGE + 1)
    except (OSError, TypeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise _refusal(f"`{what}.file` cannot be read: {reason}", "give the path of an image") from None
    if len(data) > LARGEST_IMAGE:
        raise _refusal(f"`{what}.file` is over {LARGEST_IMAGE} bytes long", "make the image smaller")
    return data


def _media_type(start: bytes) -> str | None:
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    return next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None)


def _refusal(message: str, hint: str) -> BadOption:
    return BadOption(message, hint, option="messages")
