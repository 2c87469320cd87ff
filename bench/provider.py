"""requests -> the same short answers at once, for `engines.py` to ask. Prints its port."""

from __future__ import annotations

import contextlib
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
HEAD = {"id": "1", "created": 1, "model": "m"}
MESSAGE = {"id": "1", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None}
TOKENS = {"input_tokens": 1, "output_tokens": 1}
CANDIDATE = {"content": {"role": "model", "parts": [{"text": "READY"}]}, "finishReason": "STOP", "index": 0}
COUNTS = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
GEMINI = {"candidates": [CANDIDATE], "usageMetadata": COUNTS}

WHOLE: dict[str, dict[str, Any]] = {
    "chat": {
        **HEAD,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "READY"}, "finish_reason": "stop"}],
        "usage": USAGE,
    },
    "messages": {**MESSAGE, "content": [{"type": "text", "text": "READY"}], "stop_reason": "end_turn", "usage": TOKENS},
    "gemini": GEMINI,
}


def chunk(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {**HEAD, "object": "chat.completion.chunk", "choices": [choice]}


STREAMS: dict[str, list[dict[str, Any]]] = {
    "chat": [chunk({"role": "assistant", "content": "READY"}), chunk({}, "stop")],
    "messages": [
        {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None, "usage": TOKENS}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "READY"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": TOKENS},
        {"type": "message_stop"},
    ],
    "gemini": [GEMINI],
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = "gemini" if "enerateContent" in self.path else self.path.partition("?")[0].split("/")[2]
        if "streamGenerate" in self.path or json.loads(body).get("stream"):
            events = "".join(
                (f"event: {each['type']}\n" if "type" in each else "") + f"data: {json.dumps(each)}\n\n"
                for each in STREAMS[kind]
            )
            self.answer("text/event-stream", (events + ("data: [DONE]\n\n" if kind == "chat" else "")).encode())
        else:
            self.answer("application/json", json.dumps(WHOLE[kind]).encode())

    def answer(self, media_type: str, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # Whoever wants the first text alone leaves.
            super().handle()

    def log_message(self, *arguments: Any) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()
