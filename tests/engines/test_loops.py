"""One engine in several tasks, event loops and threads: who shares connections, and until when."""

import asyncio
import gc
import threading

from engine_servers import Server, engine, sleep, whole

SLOW = sleep(0.15, whole("openai"))


async def _twice(e, delay=0.0):
    await asyncio.sleep(delay)
    async with e:
        return [(await e.arun("hi")).text for _ in range(2)]


def test_tasks_that_enter_and_leave_at_different_times():
    async def main():
        return await asyncio.gather(*(_twice(e, delay) for delay in (0, 0.1, 0.2)))

    with Server(SLOW) as server:
        e = engine(server.url)
        assert asyncio.run(main()) == [["Hello"] * 2] * 3


def test_a_call_outlasts_the_block_of_another_task():
    async def main():
        async with e:
            task = asyncio.create_task(e.arun("hi"))
            await asyncio.sleep(0.05)
        return (await task).text

    with Server(SLOW) as server:
        e = engine(server.url)
        assert asyncio.run(main()) == "Hello"


def test_threads_with_event_loops_of_their_own():
    found = []

    def work(delay):
        found.append(asyncio.run(_twice(e, delay)))

    with Server(SLOW) as server:
        e = engine(server.url)
        threads = [threading.Thread(target=work, args=(index * 0.1,)) for index in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [["Hello"] * 2] * 4


def test_a_plain_call_in_another_loop():
    entered, done = threading.Event(), threading.Event()
    found = []

    async def hold():
        async with e:
            await e.arun("hi")
            entered.set()
            await asyncio.to_thread(done.wait, 10)
            found.append((await e.arun("hi")).text)

    with Server(whole("openai")) as server:
        e = engine(server.url)
        thread = threading.Thread(target=lambda: asyncio.run(hold()))
        thread.start()
        assert entered.wait(10)
        assert asyncio.run(e.arun("hi")).text == "Hello"
        done.set()
        thread.join()
        assert found == ["Hello"]


def test_nested_blocks_share_and_leak_nothing():
    async def nest():
        async with e:
            await e.arun("hi")
            async with e:
                await e.arun("hi")
            await e.arun("hi")

    with Server(whole("openai")) as server:
        e = engine(server.url)
        asyncio.run(nest())
        gc.collect()  # A socket left open is a warning here, and so an error.
        assert len({seen.connection for seen in server.seen}) == 1


def test_a_call_does_not_queue_for_a_connection(monkeypatch):
    together = threading.Barrier(120)

    def at_once(handler):
        together.wait(15)
        whole("openai")(handler)

    async def many():
        async with e:
            return await asyncio.gather(*(e.arun("hi") for _ in range(120)))

    monkeypatch.setattr("socketserver.TCPServer.request_queue_size", 256)
    with Server(at_once) as server:
        e = engine(server.url)
        assert len(asyncio.run(many())) == 120
