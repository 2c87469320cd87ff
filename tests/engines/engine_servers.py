"""scripted answers -> a real HTTP server on 127.0.0.1 that notes what it is asked, and an engine that asks it."""

import asyncio
import contextlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from engineprofiles import engines

KEY = "sk-canary-7f3a9c"
# api type -> what stands behind the server's address in its base URL
BASES = {"openai": "/v1", "openai-responses": "/v1", "claude": "", "gemini": ""}


class Seen:
    """One request: `headers` has lower-case names, `connection` tells connections apart."""

    def __init__(self, handler, body):
        self.method, self.path = handler.command, handler.path
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = json.loads(body) if body else None
        self.connection = handler.client_address


class Server:
    """Answers requests with the answers given, in order, the last one again and again."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.seen = []
        self.closed = threading.Event()  # A client left before its answer was whole.
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # Else each answer waits for the client's delayed acknowledgement.

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.seen.append(Seen(self, body))
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                try:
                    answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
                    outer.closed.set()

            do_GET = do_POST

            def log_message(self, *arguments):
                pass

            def handle(self):
                with contextlib.suppress(ConnectionError):
                    super().handle()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def wrap(self, context):
        """Speak TLS."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = self.url.replace("http:", "https:")
        return self

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *exception):
        self._server.shutdown()
        self._server.server_close()


def answer(status, body=b"", **headers):
    """A whole answer of this status; the body is bytes, or what becomes JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def write(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return write


def stream(*pieces, end=b"0\r\n\r\n"):
    """An event stream in HTTP chunks. A number pauses for so many seconds; without `end` the answer is cut."""

    def write(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for piece in pieces:
            if isinstance(piece, (int, float)):
                time.sleep(piece)
            else:
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                handler.wfile.flush()
        handler.wfile.write(end)
        handler.close_connection = not end

    return write


def hang_up(handler):
    """Close without an answer."""
    handler.close_connection = True


def sleep(seconds, then):
    def write(handler):
        time.sleep(seconds)
        then(handler)

    return write


def drip(handler):
    """A head that comes byte by byte, for ever."""
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.05)


def events(*documents, names=False, done=False):
    """Server-sent events of these documents, as bytes."""
    named = [(f"event: {document['type']}\n" if names else "", json.dumps(document)) for document in documents]
    text = "".join(f"{name}data: {data}\n\n" for name, data in named)
    return (text + ("data: [DONE]\n\n" if done else "")).encode()


# A plain answer `Hello` of each protocol, whole and as the documents of a stream.
REPLIES = {
    "openai": {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}},
    },
    "openai-responses": {
        "status": "completed",
        "output": [
            {"type": "reasoning", "summary": []},
            {"type": "message", "content": [{"type": "output_text", "text": "Hello"}]},
        ],
        "usage": {"input_tokens": 10, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 4}},
    },
    "claude": {
        "content": [{"type": "text", "text": "Hello"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 6, "output_tokens": 2, "cache_read_input_tokens": 4},
    },
    "gemini": {
        "candidates": [{"content": {"parts": [{"text": "Hello"}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 2, "cachedContentTokenCount": 4},
    },
}
STREAMS = {
    "openai": [
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {"content": "Hel"}, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {"content": "lo"}, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": REPLIES["openai"]["usage"]},
    ],
    "openai-responses": [
        {"type": "response.created", "response": {"status": "in_progress"}},
        {"type": "response.output_text.delta", "delta": "Hel"},
        {"type": "response.output_text.delta", "delta": "lo"},
        {"type": "response.completed", "response": REPLIES["openai-responses"]},
    ],
    "claude": [
        {"type": "message_start", "message": {"usage": {"input_tokens": 6, "cache_read_input_tokens": 4}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    ],
    "gemini": [
        {"candidates": [{"content": {"parts": [{"text": "Hel"}]}}]},
        {
            "candidates": [{"content": {"parts": [{"text": "lo"}]}, "finishReason": "STOP"}],
            "usageMetadata": REPLIES["gemini"]["usageMetadata"],
        },
    ],
}
PROTOCOLS = list(REPLIES)


def whole(api_type, document=None):
    """The answer `Hello` of a protocol, or another document."""
    return answer(200, document or REPLIES[api_type], content_type="application/json")


def streamed(api_type, *pieces, **options):
    """The stream `Hello` of a protocol, in one piece, or in the pieces given."""
    body = events(*STREAMS[api_type], names=api_type in ("claude", "openai-responses"), done=api_type == "openai")
    return stream(*(pieces or [body]), **options)


def engine(url, api_type="openai", **options):
    """An engine of options alone that asks a server on this machine."""
    allowed = {"allow_http": {api_type: True}, "allow_local_networks": {api_type: True}}
    given = {
        "model": "m",
        "api_type": api_type,
        "base_url": url + BASES.get(api_type, "/v1"),
        "api_key": KEY,
        "timeout": 20,
    }
    return engines.from_config(**{**given, **options, "api": {**allowed, **options.get("api", {})}})


# The four calls, each with the text of the whole answer as its result.


def run(engine, messages="hi"):
    return engine.run(messages).text


def stream_all(engine, messages="hi"):
    return "".join(delta.text for delta in engine.stream(messages))


def arun(engine, messages="hi"):
    return asyncio.run(engine.arun(messages)).text


def astream_all(engine, messages="hi"):
    async def collect():
        return "".join([delta.text async for delta in engine.astream(messages)])

    return asyncio.run(collect())


WHOLE = [run, arun]
STREAMED = [stream_all, astream_all]
EVERY = WHOLE + STREAMED
