"""Requests and answers over real sockets: connections, time limits, retries, proxies, addresses."""

import asyncio
import socket
import ssl
import subprocess
import threading
import time

import engineprofiles as ep
import pytest
from engine_servers import (
    EVERY,
    KEY,
    PROTOCOLS,
    REPLIES,
    STREAMED,
    STREAMS,
    WHOLE,
    Server,
    answer,
    drip,
    engine,
    events,
    hang_up,
    run,
    sleep,
    stream,
    stream_all,
    streamed,
    whole,
)

HEADERS = {
    "openai": {"authorization": f"Bearer {KEY}"},
    "openai-responses": {"authorization": f"Bearer {KEY}"},
    "claude": {"x-api-key": KEY, "anthropic-version": "2023-06-01"},
    "gemini": {"x-goog-api-key": KEY},
}
PATHS = {
    "openai": "/v1/chat/completions",
    "openai-responses": "/v1/responses",
    "claude": "/v1/messages",
    "gemini": "/v1beta/models/m:generateContent",
}


@pytest.mark.parametrize("api_type", PROTOCOLS)
@pytest.mark.parametrize("call", EVERY)
def test_every_protocol_answers_every_call(api_type, call):
    is_stream = call in STREAMED
    with Server(streamed(api_type) if is_stream else whole(api_type)) as server, engine(server.url, api_type) as e:
        assert call(e) == "Hello"
    (seen,) = server.seen
    path = PATHS[api_type].replace("generateContent", "streamGenerateContent?alt=sse") if is_stream else PATHS[api_type]
    assert (seen.method, seen.path) == ("POST", path)
    assert seen.headers.items() >= HEADERS[api_type].items()
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["user-agent"] == "engine-profiles"
    assert seen.headers["accept-encoding"] == "identity"
    assert seen.body.get("stream", api_type == "gemini") is (is_stream or api_type == "gemini")


def test_headers_of_the_client_section():
    client = {"user_agent": "acme/1", "organization": "org-9"}
    for api_type in ("openai", "groq", "claude"):
        with Server(whole("claude" if api_type == "claude" else "openai")) as server:
            for call in WHOLE:
                call(engine(server.url, api_type, client=client))
        for seen in server.seen:
            assert seen.headers["user-agent"] == "acme/1"
            assert seen.headers.get("openai-organization") == ("org-9" if api_type == "openai" else None)


@pytest.mark.parametrize("call", EVERY)
@pytest.mark.parametrize("field", ["user_agent", "organization"])
@pytest.mark.parametrize("value", ["Привет", "é", "a\r\nX-Injected: y"])
def test_headers_that_cannot_be_sent(call, field, value):
    with pytest.raises(ep.BadOption, match=f"`client.{field}` .*set by options") as caught:
        call(engine("http://127.0.0.1:1", client={field: value}))
    assert caught.value.details["option"] == f"client.{field}"


@pytest.mark.parametrize("call", WHOLE)
def test_a_key_beyond_ascii(call):
    with Server(whole("openai")) as server:
        call(engine(server.url, api_key="sk-é-canary"))
    assert server.seen[0].headers["authorization"] == "Bearer sk-é-canary"


@pytest.mark.parametrize("call", EVERY)
@pytest.mark.parametrize("host", ["xn--", "a..b", "a" * 70 + ".example"])
def test_a_host_name_that_is_none(call, host):
    with pytest.raises(ep.ConnectionFailed):
        call(ep.engines.from_config(model="m", api_key=KEY, base_url=f"https://{host}.example/v1"))


def cut(handler):
    handler.send_response(401)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"d\r\nwrong key, an\r\n40\r\n{")
    handler.close_connection = True


def stall(handler):
    handler.send_response(401)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b"wrong key, an")
    handler.wfile.flush()
    time.sleep(1)
    handler.close_connection = True


@pytest.mark.parametrize("call", EVERY)
@pytest.mark.parametrize("broken", [cut, stall])
def test_a_refusal_whose_body_does_not_come(call, broken):
    with Server(broken) as server, pytest.raises(ep.ProviderRefused, match="wrong key, an") as caught:
        call(engine(server.url, timeout=0.5))
    assert caught.value.status == 401
    assert len(server.seen) == 1


@pytest.mark.parametrize("call", [run, *STREAMED])
def test_a_warning_is_of_the_line_that_asks(call):
    options = {"model": "o3", "temperature": 0.5, "on_unsupported": "warn"}
    answers = streamed("openai") if call in STREAMED else whole("openai")
    with Server(answers) as server, pytest.warns(UserWarning, match="not sent") as caught:
        call(engine(server.url, **options))
    assert caught[0].filename.endswith("engine_servers.py")


# Connections


def test_connections_are_kept():
    with Server(whole("openai")) as server, engine(server.url) as e:
        for _ in range(3):
            run(e)
    assert len({seen.connection for seen in server.seen}) == 1


@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_connections_of_streams_are_kept(api_type):
    with Server(streamed(api_type)) as server, engine(server.url, api_type) as e:
        for _ in range(3):
            assert stream_all(e) == "Hello"
    assert len({seen.connection for seen in server.seen}) == 1


@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_async_calls_share_connections_within_the_engine(api_type):
    async def several():
        async with engine(server.url, api_type) as e:
            for _ in range(3):
                assert "".join([delta.text async for delta in e.astream("hi")]) == "Hello"
            server.answers[0] = whole(api_type)
            return [(await e.arun("hi")).text for _ in range(3)]

    with Server(streamed(api_type)) as server:
        assert asyncio.run(several()) == ["Hello"] * 3
    assert len({seen.connection for seen in server.seen}) == 1


def test_a_stream_whose_server_holds_on_after_the_end():
    body = events(*STREAMS["openai"], done=True)
    for call in STREAMED:
        with Server(stream(body, 5)) as server:
            began = time.monotonic()
            assert call(engine(server.url)) == "Hello"
            assert time.monotonic() - began < 4


def test_a_kept_connection_that_was_closed_is_replaced_at_once():
    def and_close(handler):
        whole("openai")(handler)
        handler.close_connection = True

    with Server(and_close) as server, engine(server.url) as e:
        assert [run(e) for _ in range(3)] == ["Hello"] * 3
    assert len(server.seen) == 3


def test_a_kept_connection_that_dies_under_a_request_is_an_attempt():
    together = threading.Barrier(4)

    def at_once(handler):
        together.wait(5)
        whole("openai")(handler)

    with Server(at_once) as server, engine(server.url) as e:
        threads = [threading.Thread(target=run, args=(e,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        server.answers[0] = hang_up
        before = len(server.seen)
        with pytest.raises(ep.ConnectionFailed):
            run(e)
        assert len(server.seen) - before == 3
        server.answers[0] = whole("openai")
        assert run(e) == "Hello"


def test_a_forked_process_leaves_the_connections_to_its_parent(monkeypatch):
    with Server(whole("openai")) as server, engine(server.url) as e:
        run(e)
        monkeypatch.setattr("engineprofiles.connection.os.getpid", lambda: -1)
        run(e)
        run(e)
    first, second, third = (seen.connection for seen in server.seen)
    assert first != second == third


def test_threads_share_an_engine():
    with Server(sleep(0.02, whole("openai"))) as server, engine(server.url) as e:
        texts = []
        threads = [threading.Thread(target=lambda: texts.extend(run(e) for _ in range(5))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert texts == ["Hello"] * 40
    assert len({seen.connection for seen in server.seen}) <= 16


def test_an_abandoned_stream_closes_its_connection():
    endless = [b"data: %s\n\n" % b'{"choices": [{"delta": {"content": "x"}}]}', 0.01] * 500
    with Server(stream(*endless)) as server, engine(server.url) as e:
        deltas = e.stream("hi")
        assert next(deltas).text == "x"
        deltas.close()
        assert server.closed.wait(3)


def test_an_abandoned_async_stream_closes_its_connection():
    endless = [b"data: %s\n\n" % b'{"choices": [{"delta": {"content": "x"}}]}', 0.01] * 500

    async def abandon():
        async with engine(server.url) as e:
            deltas = e.astream("hi")
            assert (await anext(deltas)).text == "x"
            await deltas.aclose()
            assert await asyncio.to_thread(server.closed.wait, 3)

    with Server(stream(*endless)) as server:
        asyncio.run(abandon())


def test_cancelling_closes_the_connection():
    endless = [b"data: %s\n\n" % b'{"choices": [{"delta": {"content": "x"}}]}', 0.01] * 500

    async def cancelled():
        async def consume():
            async for _ in engine(server.url).astream("hi"):
                started.set()

        started = asyncio.Event()
        task = asyncio.create_task(consume())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with Server(stream(*endless)) as server:
        asyncio.run(cancelled())
        assert server.closed.wait(3)


# Time limits


@pytest.mark.parametrize("call", EVERY)
@pytest.mark.parametrize("slow", [sleep(3, whole("openai")), drip], ids=["late", "drip"])
def test_an_answer_must_begin_in_time(call, slow):
    with Server(slow) as server:
        began = time.monotonic()
        with pytest.raises(ep.Timeout, match=r"longer than 0\.3 s to answer") as caught:
            call(engine(server.url, timeout=0.3))
        assert time.monotonic() - began < 2.5
    assert caught.value.code == "timeout"
    assert isinstance(caught.value, TimeoutError)
    assert len(server.seen) == 1  # What takes too long is not asked again.


@pytest.mark.parametrize("call", WHOLE)
def test_an_answer_must_be_whole_in_time(call):
    pieces = [piece for _ in range(100) for piece in (b" ", 0.05)]
    with Server(stream(*pieces)) as server:
        began = time.monotonic()
        with pytest.raises(ep.Timeout, match="to send its answer"):
            call(engine(server.url, timeout=0.5))
        assert time.monotonic() - began < 3


@pytest.mark.parametrize("call", STREAMED)
def test_a_stream_may_last_longer_than_one_read(call):
    pieces = [
        piece for document in range(8) for piece in (0.1, b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n')
    ]
    end = b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
    with Server(stream(*pieces, end)) as server:
        assert call(engine(server.url, timeout=1)) == "x" * 8


def test_the_addresses_of_a_host_have_one_limit_together(monkeypatch):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        found = socket.getaddrinfo("127.0.0.1", port, 0, socket.SOCK_STREAM)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found * 4)
        e = ep.engines.from_config(
            model="m",
            api_key=KEY,
            timeout=0.5,
            base_url=f"http://many.example:{port}",
            api={"allow_http": {"openai": True}},
        )
        began = time.monotonic()
        with pytest.raises(ep.Timeout):
            run(e)
        assert time.monotonic() - began < 1.2
        for each in waiting:
            each.close()


@pytest.mark.parametrize("seconds", [-1, 10**12])
def test_limits_that_cannot_be_waited_for(seconds):
    with pytest.raises(ep.BadOption, match=r"`client\.timeout` of profile") as caught:
        engine("http://127.0.0.1:1", timeout=None, client={"timeout": seconds})
    assert caught.value.details["layer"] == "options"


def test_no_limit_where_it_is_0():
    with Server(sleep(0.2, whole("openai"))) as server:
        for call in WHOLE:
            given = {"timeout": None, "client": {"timeout": 0}}
            assert call(engine(server.url, **given)) == "Hello"


def test_without_a_limit_the_machine_has_its_own():
    peer = engine("http://127.0.0.1:1", timeout=None, client={"timeout": 0}).route().peer
    assert peer.timed_out("to answer").code == "connection-failed"
    assert "own time limit" in peer.stalled()


def test_a_host_that_does_not_accept():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        port = listening.getsockname()[1]
        filling = [socket.socket() for _ in range(4)]
        for each in filling:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        for call in WHOLE:
            with pytest.raises((ep.Timeout, ep.ConnectionFailed)):
                call(engine(f"http://127.0.0.1:{port}", timeout=0.3))
        for each in filling:
            each.close()


# Retries


@pytest.mark.parametrize("call", EVERY)
@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_transient_answers_are_asked_again(call, status):
    good = streamed("openai") if call in STREAMED else whole("openai")
    with Server(answer(status, {"error": {"message": "later"}}), good) as server:
        assert call(engine(server.url)) == "Hello"
    assert len(server.seen) == 2


@pytest.mark.parametrize("call", EVERY)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 501])
def test_other_refusals_are_not_asked_again(call, status):
    body = {"error": {"message": "not so", "type": "invalid_request_error"}}
    with Server(answer(status, body, x_request_id="req-7")) as server, pytest.raises(ep.ProviderRefused) as caught:
        call(engine(server.url))
    assert len(server.seen) == 1
    error = caught.value
    assert (error.code, error.status) == ("refused-by-provider", status)
    assert error.details["provider_message"] == "not so"
    assert error.details["request_id"] == "req-7"
    assert error.details["profile"] == "config"
    assert "not so" in str(error) and "\nhelp: " in str(error)


@pytest.mark.parametrize("call", EVERY)
def test_after_three_attempts_it_is_over(call):
    with Server(answer(503, b"overloaded")) as server, pytest.raises(ep.ProviderRefused, match="overloaded"):
        call(engine(server.url))
    assert len(server.seen) == 3


@pytest.mark.parametrize("call", EVERY)
def test_a_connection_closed_without_an_answer_is_tried_again(call):
    good = streamed("openai") if call in STREAMED else whole("openai")
    with Server(hang_up, good) as server:
        assert call(engine(server.url)) == "Hello"
    with Server(hang_up) as server, pytest.raises(ep.ConnectionFailed) as caught:
        call(engine(server.url))
    assert len(server.seen) == 3
    assert isinstance(caught.value, ConnectionError)


@pytest.mark.parametrize("call", WHOLE)
@pytest.mark.parametrize(
    ("headers", "seconds"), [({"retry_after": "0.4"}, 0.4), ({"retry_after_ms": "300"}, 0.3), ({"retry_after": "0"}, 0)]
)
def test_retry_after_is_honoured(call, headers, seconds):
    for status in (429, 503):
        with Server(answer(status, b"{}", **headers), whole("openai")) as server:
            began = time.monotonic()
            call(engine(server.url))
            assert seconds <= time.monotonic() - began < seconds + 3


@pytest.mark.parametrize("call", EVERY)
def test_rate_limited(call):
    with Server(answer(429, {"error": {"message": "slow down"}}, retry_after="3600")) as server:
        with pytest.raises(ep.RateLimited, match="slow down") as caught:
            call(engine(server.url))
        assert len(server.seen) == 1  # A pause that long is the caller's decision.
    assert (caught.value.code, caught.value.retry_after, caught.value.status) == ("rate-limited", 3600.0, 429)


def test_retry_after_as_a_date():
    from engineprofiles.peer import retry_after

    assert retry_after({"retry-after": "Fri, 31 Dec 2100 23:59:59 GMT"}) > 3000
    assert retry_after({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"}) == 0
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({}) is None


# What is no good answer


@pytest.mark.parametrize("call", EVERY)
def test_redirects_are_not_followed(call):
    with Server(whole("openai")) as elsewhere:
        redirect = answer(307, b"", location=elsewhere.url)
        with Server(redirect) as server, pytest.raises(ep.ProviderRefused, match="elsewhere, which is never followed"):
            call(engine(server.url))
    assert elsewhere.seen == []


@pytest.mark.parametrize("call", WHOLE)
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html>", "it is not JSON"),
        (b"", "it is not JSON"),
        (b"\xff\xfe\xfa", "it is not JSON"),
        (b"[]", "not what the protocol says"),
        (b"{}", "'choices' is missing"),
        (b'{"choices": []}', "not what the protocol says"),
        (b'{"choices": [{"message": {"content": [3]}}]}', "not what the protocol says"),
        (b'{"choices": [{"message": {"content": 3}}]}', "not what the protocol says"),
        (b'{"choices": [{"message": {"content": "x", "reasoning": {"a": 1}}}]}', "not what the protocol says"),
    ],
)
def test_unreadable_answers(call, body, told):
    with Server(answer(200, body)) as server, pytest.raises(ep.ReplyUnreadable, match=told) as caught:
        call(engine(server.url))
    assert caught.value.code == "reply-unreadable"


@pytest.mark.parametrize("call", WHOLE)
@pytest.mark.parametrize("api_type", PROTOCOLS)
def test_nothing_but_our_errors_for_any_document(api_type, call):
    for body in (b"{}", b"[]", b"3", b'"x"', b"null", b'{"output": 3}', b'{"content": [{}]}', b'{"candidates": [3]}'):
        with Server(answer(200, body)) as server, pytest.raises(ep.ReplyUnreadable):
            call(engine(server.url, api_type))


@pytest.mark.parametrize("call", WHOLE)
def test_an_answer_that_is_cut(call):
    def cut(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"choices": ')
        handler.close_connection = True

    for cutting in (cut, stream(b'{"choices": ', end=b"")):
        with Server(cutting) as server, pytest.raises(ep.StreamBroken, match="closed within it"):
            call(engine(server.url))


def test_what_does_not_speak_http():
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def chatter():
            for _ in range(6):
                peer, _ = listening.accept()
                peer.recv(1 << 16)
                peer.sendall(b"220 mail.example ESMTP\r\n")
                peer.close()

        threading.Thread(target=chatter, daemon=True).start()
        for call in WHOLE:
            with pytest.raises(ep.ConnectionFailed):
                call(engine(f"http://127.0.0.1:{listening.getsockname()[1]}"))


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    for call in EVERY:
        with pytest.raises(ep.ConnectionFailed, match=r"no answer from 127\.0\.0\.1: .*(refused|failed)"):
            call(engine(f"http://127.0.0.1:{port}"))


# Addresses


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://api.example.com", "plain HTTP is not allowed"),
        ("https://localhost:8080", "local host name `localhost`"),
        ("https://LOCALHOST.", "local host name"),
        ("https://api.localhost", "local host name"),
        ("https://printer.local", "local host name"),
        ("https://127.0.0.1", "local network address"),
        ("https://127.1", "local network address"),
        ("https://2130706433", "local network address"),
        ("https://0x7f.0.0.1", "local network address"),
        ("https://10.0.0.1", "local network address"),
        ("https://192.168.1.1", "local network address"),
        ("https://169.254.169.254", "local network address"),
        ("https://[::1]", "local network address"),
        ("https://[fe80::1]", "local network address"),
        ("https://[::ffff:127.0.0.1]", "local network address"),
        ("https://[64:ff9b::7f00:1]", "local network address"),
        ("https://[2002:7f00:1::]", "local network address"),
        ("https://[::127.0.0.1]", "local network address"),
        ("https://[::ffff:0:127.0.0.1]", "local network address"),
        ("https://[fec0::1]", "local network address"),
        ("https://100.100.100.200", "local network address"),
        ("https://localhost.localdomain", "local host name"),
        ("https://ip6-localhost", "local host name"),
        ("https://localhost6", "local host name"),
        ("https://metadata.google.internal.", "local host name"),
        ("https://[fe80::1%25eth0]", "zone"),
        ("https://0.0.0.0", "no single host"),
        ("https://224.0.0.1", "no single host"),
        ("ftp://api.example.com", "its scheme is 'ftp'"),
        ("api.example.com", "its scheme is ''"),
        ("https://", "names no host"),
        ("https://api.example.com:port", "cannot be read"),
        ("https://api.exämple.com", "beyond ASCII"),
        ("https://api.example.com/a b", "blanks"),
        ("https://api.example.com\r\nX: y", "control"),
    ],
)
def test_addresses_that_are_refused_before_a_byte_is_sent(url, told):
    with pytest.raises(ep.AddressRefused, match=told) as caught:
        ep.engines.from_config(model="m", base_url=url, api_key=KEY)
    error = caught.value
    assert error.code == "address-refused"
    assert error.details["field"] == "api.base_urls.openai-base-url"
    assert error.details["layer"] == "options"
    assert error.hint


@pytest.mark.parametrize(
    "url",
    [
        "https://8.8.8.8",
        "https://[2001:4860::1]",
        "https://[::ffff:8.8.8.8]",
        "https://[64:ff9b::808:808]",
        "https://1x.io",
    ],
)
def test_public_addresses(url):
    assert ep.engines.from_config(model="m", base_url=url, api_key=KEY).request("hi").url.startswith(url)


@pytest.mark.parametrize("key", ["openai", "openai-allow-http", "openai-allow-local-networks"])
def test_what_an_application_allows(key):
    def build(allow_http, allow_local, url="http://127.0.0.1:1"):
        api = {"allow_http": allow_http, "allow_local_networks": allow_local}
        return ep.engines.from_config(model="m", base_url=url, api_key="", api=api)

    http = {"openai-allow-http" if key.startswith("openai-") else key: True}
    local = {"openai-allow-local-networks" if key.startswith("openai-") else key: True}
    build(http, local)
    for refused in (
        ({}, local),
        (http, {}),
        ({"openai": False, "openai-allow-http": True}, local),
        ({"claude": True}, local),
    ):
        with pytest.raises(ep.AddressRefused):
            build(*refused)
    with pytest.raises(ep.AddressRefused):  # These are never allowed.
        build(http, local, "http://0.0.0.0:1")


# Proxies


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate of 127.0.0.1 that signs itself, and its key."""
    home = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:TRUE"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", *names]
    subprocess.run([*command, "-keyout", home / "key", "-out", home / "cert"], check=True, capture_output=True)
    return home / "cert", home / "key"


@pytest.fixture
def secure_server(certificate, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with Server(whole("openai")).wrap(context) as server:
        yield server


def tunnel(credentials):
    """A proxy that passes CONNECT on, in a server's clothes; it notes the credentials it is given."""

    def serve(handler):
        credentials.append(handler.headers.get("Proxy-Authorization"))
        host, _, port = handler.path.rpartition(":")
        with socket.create_connection((host, int(port))) as upstream:
            handler.wfile.write(b"HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n")
            threading.Thread(target=_pump, args=(upstream, handler.connection), daemon=True).start()
            _pump(handler.connection, upstream)
        handler.close_connection = True

    return serve


def _pump(source, target):
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class ProxyServer(Server):
    def __init__(self, *answers):
        super().__init__(*answers)
        self._server.RequestHandlerClass.do_CONNECT = self._server.RequestHandlerClass.do_POST


@pytest.mark.parametrize("call", WHOLE)
def test_tls_is_verified(secure_server, monkeypatch, call):
    assert call(engine(secure_server.url)) == "Hello"
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ep.ConnectionFailed, match=r"(?i)certificate") as caught:
        call(engine(secure_server.url))
    assert caught.value.details["is_final"]


@pytest.mark.parametrize("call", WHOLE)
@pytest.mark.parametrize("from_environment", [False, True])
def test_a_tunnel_through_a_proxy(secure_server, monkeypatch, call, from_environment):
    credentials = []
    with ProxyServer(tunnel(credentials)) as proxy:
        url = proxy.url.replace("//", "//user:p%40ss@")
        if from_environment:
            monkeypatch.setattr("engineprofiles.proxy.is_loopback", lambda host: False)
            monkeypatch.setenv("HTTPS_PROXY", url)
        client = {} if from_environment else {"proxy_url": url}
        assert call(engine(secure_server.url, client=client)) == "Hello"
    assert credentials == ["Basic dXNlcjpwQHNz"]
    assert "proxy-authorization" not in secure_server.seen[0].headers
    assert proxy.seen[0].path == secure_server.url.removeprefix("https://")


@pytest.mark.parametrize("call", WHOLE)
def test_plain_http_through_a_proxy(call):
    with Server(whole("openai")) as proxy:
        url = proxy.url.replace("//", "//user:secret@")
        assert call(engine("http://10.9.8.7:1234", client={"proxy_url": url})) == "Hello"
    (seen,) = proxy.seen
    assert seen.path == "http://10.9.8.7:1234/v1/chat/completions"
    assert seen.headers["proxy-authorization"] == "Basic dXNlcjpzZWNyZXQ="
    assert seen.headers["host"] == "10.9.8.7:1234"


@pytest.mark.parametrize("call", WHOLE)
def test_a_proxy_that_refuses(secure_server, call):
    with ProxyServer(answer(407, b"who are you?")) as proxy:
        with pytest.raises(ep.ConnectionFailed, match="CONNECT with 407") as caught:
            call(engine(secure_server.url, client={"proxy_url": proxy.url.replace("//", "//user:hunter2@")}))
        assert "hunter2" not in str(caught.value)
        assert len(proxy.seen) == 1
    assert secure_server.seen == []


@pytest.mark.parametrize(
    ("url", "environment", "taken"),
    [
        ("https://api.example.com", {"HTTPS_PROXY": "http://p:1"}, "p"),
        ("https://api.example.com", {"https_proxy": "http://q:1", "HTTPS_PROXY": "http://p:1"}, "q"),
        ("https://api.example.com", {"HTTPS_PROXY": "p:1"}, "p"),
        ("https://api.example.com", {"HTTP_PROXY": "http://p:1"}, None),
        ("http://api.example.com", {"HTTP_PROXY": "http://p:1"}, "p"),
        ("http://api.example.com", {"HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"}, None),
        ("https://api.example.com", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ("https://api.example.com", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "other, .example.com"}, None),
        ("https://api.example.com", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.com"}, None),
        ("https://api.example.com", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "ample.com"}, "p"),
        ("https://api.example.com", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.com:8443"}, "p"),
        ("https://api.example.com:8443", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.com:8443"}, None),
        ("https://api.example.com", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": ""}, "p"),
        ("https://127.0.0.1", {"HTTPS_PROXY": "http://p:1"}, None),
        ("https://10.1.2.3", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, None),
        ("https://11.1.2.3", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8,x/y"}, "p"),
        ("https://api.example.com", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, "p"),
        ("https://[2001:db8::1]", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "2001:db8::1"}, None),
        ("https://[2001:db8::1]:8443", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "[2001:db8::1]:8443"}, None),
        ("https://localhost", {"HTTPS_PROXY": "http://p:1"}, None),
        ("https://api.example.com", {}, None),
    ],
)
def test_which_proxy_the_environment_means(monkeypatch, url, environment, taken):
    from engineprofiles.proxy import proxy_for
    from engineprofiles.settings import Settings

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = proxy_for(Settings("x", []), url)
    assert (found.host if found else None) == taken
    off = Settings("x", [("overrides", {"client": {"proxy_from_environment": False}})])
    assert proxy_for(off, url) is None


@pytest.mark.parametrize("url", ["socks5://p:1", "https://p:1", "p:1", "http://", "http://p:x"])
def test_proxies_that_cannot_be_used(url):
    with pytest.raises(ep.BadOption, match=r"`client\.proxy_url` of profile `config` \(set by options\)"):
        engine("http://127.0.0.1:1", client={"proxy_url": url})


def test_a_base_url_with_a_user_part():
    with Server(whole("claude")) as server:
        url = server.url.replace("//", "//user:pa%20ss@")
        for call in WHOLE:
            assert call(engine(url, "claude")) == "Hello"
        for seen in server.seen:
            assert seen.headers["authorization"] == "Basic dXNlcjpwYSBzcw=="
            assert seen.headers["x-api-key"] == KEY
            assert seen.headers["host"] == f"127.0.0.1:{server.port}"
        with pytest.raises(ep.AddressRefused, match="user part, and there is an API key too"):
            engine(url, "openai")
        assert engine(url, "openai", api_key="").request("hi").url == f"{server.url}/v1/chat/completions"


def test_a_base_url_with_a_query_and_a_path():
    request = ep.engines.from_config(model="m", base_url="https://h.example/x/v1/?api-version=3", api_key="").request(
        "hi"
    )
    assert request.url == "https://h.example/x/v1/chat/completions?api-version=3"
    for base in ("https://h.example", "https://h.example/v1", "https://h.example/v1/"):
        request = ep.engines.from_config(model="claude-x", base_url=base, api_key="k").request("hi")
        assert request.url == "https://h.example/v1/messages"


def test_a_response_may_be_no_longer_than_allowed():
    big = {**REPLIES["openai"], "padding": "x" * 2000}
    with Server(whole("openai", big)) as server:
        e = engine(server.url)
        transport = e._links["chat"].transport
        assert transport.send(e.request("hi"), 5000).status == 200
        with pytest.raises(ep.ReplyUnreadable, match="over 1000 bytes"):
            transport.send(e.request("hi"), 1000)


# Which setting to look at


def test_errors_name_the_setting_and_its_layer(profiles):
    def failing(fault, **client):
        with Server(fault) as server, pytest.raises(ep.EngineProfilesError) as caught:
            allowed = {"allow_http": {"openai": True}, "allow_local_networks": {"openai": True}}
            api = {"base_urls": {"openai-base-url": server.url}, **allowed}
            run(profiles["careful"].engine(overrides={"api": api, "client": client}))
        return caught.value

    error = failing(answer(401, {"error": {"message": "who are you?"}}))
    assert error.details["field"] == "api.api_keys.openai-api-key"
    assert error.details["layer"] == "provider/default at provider.yaml:5:40"
    assert error.hint == (
        "see to the credential: `api.api_keys.openai-api-key` (set by provider/default at provider.yaml:5:40, "
        "refers to `env:OPENAI_API_KEY`)"
    )
    error = failing(answer(404, b"no such model"))
    assert (error.details["field"], error.details["layer"]) == ("chat.engine", "team/careful at team.yaml:7:41")
    assert "names a model of this provider" in error.hint
    error = failing(answer(302, b"", location="https://elsewhere.example"))
    assert (error.details["field"], error.details["layer"]) == ("api.base_urls.openai-base-url", "overrides")
    error = failing(sleep(1.5, whole("openai")), timeout=1)
    assert (error.details["field"], error.details["layer"]) == ("client.timeout", "overrides")
    error = failing(hang_up)
    assert error.details["field"] == "api.base_urls.openai-base-url"
    error = failing(answer(400, {"error": {"message": "no"}}))
    assert error.details["profile"] == "team/careful" and "field" not in error.details
