"""What a traceback with its variables shows: no credential, whatever ends a call."""

import asyncio
import signal
import socket
import traceback

import engineprofiles as ep
import pytest
from engine_servers import KEY, PROTOCOLS, STREAMS, Server, answer, engine, events, sleep, stream, whole
from engineprofiles.credentials import forget

PASSWORD = "hunter2-canary"


def frames(error):
    """The frames, with variables, of the error and of all that led to it."""
    found, left, seen = [], [error], set()
    while left:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        left += [each.__cause__, each.__context__]
        found += traceback.TracebackException.from_exception(each, capture_locals=True).stack
    return found


def shown(error):
    """What they show below this test."""
    below = [frame for frame in frames(error) if frame.filename != __file__]
    return "\n".join(f"{frame.filename}:{frame.lineno} {frame.name} {frame.locals}" for frame in below)


def caught(run):
    try:
        run()
    except BaseException as error:
        return error
    pytest.fail("nothing was raised")


async def _collect(e):
    async for _ in e.astream("hi"):
        pass


def _cancelled(call):
    async def main():
        task = asyncio.create_task(call())
        await asyncio.sleep(0.2)
        task.cancel()
        await task

    asyncio.run(main())


def _timed(call):
    async def main():
        async with asyncio.timeout(0.2):
            await call()

    asyncio.run(main())


@pytest.mark.parametrize("api_type", PROTOCOLS)
@pytest.mark.parametrize("end", [_cancelled, _timed])
@pytest.mark.parametrize("through_proxy", [False, True])
def test_a_call_that_is_broken_off(api_type, end, through_proxy):
    begun = stream(events(STREAMS[api_type][0]), 3)
    for answers in (sleep(1, whole(api_type)), begun):
        with Server(answers) as server:
            proxy = {"proxy_url": server.url.replace("://", f"://u:{PASSWORD}@")} if through_proxy else {}
            e = engine(server.url, api_type, client=proxy)
            for call in (lambda e=e: e.arun("hi"), lambda e=e: _collect(e)):
                error = caught(lambda call=call: end(call))
                assert isinstance(error, (asyncio.CancelledError, TimeoutError))
                assert KEY not in shown(error)
                assert PASSWORD not in shown(error)
                assert "engine.py" in shown(error)


def test_a_body_that_cannot_be_sent_in_time():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        e = engine(f"http://127.0.0.1:{listener.getsockname()[1]}")
        error = caught(lambda: _timed(lambda: e.arun("x" * (16 << 20))))
    assert KEY not in shown(error)


class Alarm(Exception):
    pass


@pytest.mark.parametrize("raised", [Alarm, KeyboardInterrupt])
def test_what_a_signal_handler_raises(raised):
    def handler(*_):
        raise raised

    before = signal.signal(signal.SIGALRM, handler)
    try:
        with Server(sleep(1, whole("openai"))) as server:
            e = engine(server.url)
            for call in (lambda: e.run("hi"), lambda: list(e.stream("hi"))):
                signal.setitimer(signal.ITIMER_REAL, 0.2)
                error = caught(call)
                assert isinstance(error, raised)
                assert KEY not in shown(error)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_what_the_caller_was_handling_keeps_its_variables():
    def fail(mine):
        raise ValueError(len(mine))

    try:
        fail("of the caller")
    except ValueError as handled:
        error = caught(lambda: fail("of the call"))
        assert error.__context__ is handled
        forget(error, handled)
    assert "of the caller" in str([frame.locals for frame in frames(error)])
    assert "of the call'" not in str([frame.locals for frame in frames(error)])


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        ({"base": f"http://user:{PASSWORD}@api.example.com/v1"}, {}),
        ({"base": f"https://user:{PASSWORD}@api.example.com/v1", "api_key": KEY}, {}),
        ({"base": f"ftp://user:{PASSWORD}@["}, {}),
        ({"api_key": KEY}, {"HTTPS_PROXY": f"socks5://user:{PASSWORD}@proxy:1"}),
        ({"api_key": KEY, "client": {"proxy_url": f"socks5://user:{PASSWORD}@proxy:1"}}, {}),
        ({"api_key": KEY, "temperatur": 1}, {}),
        ({"apiKey": KEY}, {}),
        ({"api_key": [KEY]}, {}),
    ],
)
def test_what_is_refused_when_an_engine_is_built(options, environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if "base" in options:
        monkeypatch.setenv("BASE", options["base"])
        rest = {name: value for name, value in options.items() if name != "base"}
        options = {**rest, "api": {"base_urls": {"openai-base-url": {"$secret": "env:BASE"}}}}
    error = caught(lambda: ep.engines.from_config(model="m", api_type="openai", **options))
    assert isinstance(error, ep.EngineProfilesError)
    assert KEY not in shown(error)
    assert PASSWORD not in shown(error)


def test_what_an_answer_repeats():
    key = 'sk-"canary\\x'
    with Server(answer(401, {"detail": [{"msg": f"bad {key}"}]})) as server:
        assert "canary" not in str(caught(lambda: engine(server.url, api_key=key).run("hi")))
    chat = {"structured_output_mode": "json_schema", "structured_output_name": "x"}
    chat |= {"structured_output_schema": '{"type":"object"}', "structured_output_require_valid": True}
    choice = {"index": 0, "message": {"content": f"key {KEY}"}, "finish_reason": "stop"}
    with Server(answer(200, {"choices": [choice]})) as server:
        error = caught(lambda: engine(server.url, chat=chat).run("hi"))
    assert error.details["text"] == "key ********"
    e = ep.engines.from_config(model="m", api_key="", base_url=f"https://api.example.com/v1?key={KEY}")
    assert KEY not in repr(e.request("hi"))
