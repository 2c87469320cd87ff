"""The engines that ask nobody: echo and function."""

import asyncio

import engineprofiles as ep
import pytest

engines = ep.engines
MESSAGES = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Say READY"}]


async def collect(stream):
    return [delta.text async for delta in stream]


def every_way(engine, messages="Say READY"):
    """The text of the answer, by each of the four calls; they must agree."""
    texts = {
        engine.run(messages).text,
        "".join(delta.text for delta in engine.stream(messages)),
        asyncio.run(engine.arun(messages)).text,
        "".join(asyncio.run(collect(engine.astream(messages)))),
    }
    (text,) = texts
    return text


@pytest.mark.parametrize(("reply", "text"), [("  Hello \n", "Hello"), ("", "READY"), (" \t", "READY")])
def test_echo(reply, text):
    assert every_way(engines.echo(reply)) == text
    assert every_way(engines.echo(reply=reply), MESSAGES) == text


def test_echo_costs_nothing():
    engine = engines.echo()
    reply = engine.run("anything")
    assert (engine.name, reply.text, reply.cost, reply.finish_reason, reply.raw) == ("echo", "READY", 0.0, "stop", None)
    assert reply.usage == {"input_tokens": 0, "output_tokens": 0}
    with pytest.raises(ep.BadOption):
        engines.echo(3)


def test_a_function_gets_messages():
    seen = []
    engine = engines.from_function(lambda messages: seen.append(messages) or "ok")
    assert engine.name == "function"
    engine.run("hi")
    engine.run(MESSAGES)
    assert seen == [[{"role": "user", "content": "hi"}], MESSAGES]
    seen[1][0]["content"] = "changed"
    assert MESSAGES[0]["content"] == "Be brief"


@pytest.mark.parametrize(
    "function",
    [
        lambda messages: "one two",
        lambda messages: engines.Reply("one two"),
        lambda messages: ["one", " two"],
        lambda messages: (piece for piece in ("one", " ", "two")),
    ],
)
def test_what_a_function_may_return(function):
    assert every_way(engines.from_function(function)) == "one two"


def test_a_reply_is_passed_on_as_it_is():
    reply = engines.Reply("x", usage={"input_tokens": 1}, cost=0.5, finish_reason="length", raw={"id": 1})
    engine = engines.from_function(lambda messages: reply)
    assert engine.run("hi") is reply
    assert asyncio.run(engine.arun("hi")) is reply
    assert engines.from_function(lambda messages: "x").run("hi").usage is None


def test_a_function_streams_as_it_goes():
    made = []

    def function(messages):
        for piece in ("one", "two"):
            made.append(piece)
            yield piece

    stream = engines.from_function(function).stream("hi")
    assert (next(stream).text, made) == ("one", ["one"])


def test_async_functions():
    async def answer(messages):
        return messages[0]["content"].upper()

    async def pieces(messages):
        yield "one"
        yield " two"

    engine = engines.from_function(answer)
    assert asyncio.run(engine.arun("hi")).text == "HI"
    assert asyncio.run(collect(engine.astream("hi"))) == ["HI"]
    engine = engines.from_function(pieces)
    assert asyncio.run(engine.arun("hi")).text == "one two"
    assert asyncio.run(collect(engine.astream("hi"))) == ["one", " two"]
    for function in (answer, pieces):
        with pytest.raises(ep.BadOption, match="`arun` or `astream`"):
            engines.from_function(function).run("hi")


def test_an_exception_of_the_function_is_unchanged():
    raised = KeyError("mine")

    def function(messages):
        raise raised

    engine = engines.from_function(function)
    for call in (
        lambda: engine.run("hi"),
        lambda: list(engine.stream("hi")),
        lambda: asyncio.run(engine.arun("hi")),
        lambda: asyncio.run(collect(engine.astream("hi"))),
    ):
        with pytest.raises(KeyError) as caught:
            call()
        assert caught.value is raised


@pytest.mark.parametrize("returned", [None, 3, b"bytes", {"text": "x"}, [1], ["x", None]])
def test_what_a_function_may_not_return(returned):
    engine = engines.from_function(lambda messages: returned)
    with pytest.raises(ep.BadOption, match="the function returned"):
        engine.run("hi")
    with pytest.raises(ep.BadOption, match="the function returned"):
        list(engine.stream("hi"))


def test_what_is_not_a_function():
    for given in (None, "text", 3):
        with pytest.raises(ep.BadOption, match="cannot be called"):
            engines.from_function(given)


@pytest.mark.parametrize("messages", [None, 3, ["hi"], [{"role": "user"}], [{"content": "x"}], {"role": "user"}])
def test_messages_that_are_none(messages):
    for engine in (engines.echo(), engines.from_function(lambda messages: "x")):
        with pytest.raises(ep.BadOption) as caught:
            engine.run(messages)
        assert caught.value.code == "bad-option"
        with pytest.raises(ep.BadOption):
            engine.stream(messages)
