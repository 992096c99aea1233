"""A far network before something near: a TCP proxy on 127.0.0.1 that hands on each byte after a delay, both ways."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PIECE = 1 << 16

#: Seconds that what waits for a narrow line may wait before no more is taken from who sends it.
_QUEUE = 0.2


@contextmanager
def delaying_proxy(port: int, *, seconds: float, rate: float | None = None) -> Iterator[int]:
    """The port of a proxy before ``port``.

    ``seconds`` is the delay each way. ``rate`` is what all connections together get each way, in bytes a second;
    without it bandwidth is not bounded.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(_serve(port, seconds, rate), loop).result(10)
        chosen: int = server.sockets[0].getsockname()[1]
        yield chosen
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


class _Line:
    """One direction of the line that all connections share. Times are those of the loop's clock."""

    def __init__(self, seconds: float, rate: float | None) -> None:
        self._seconds = seconds
        self._rate = rate
        self._free_at = 0.0

    def due(self, size: int) -> float:
        """When a piece that is sent now has arrived."""
        now = asyncio.get_running_loop().time()
        if self._rate is None:
            return now + self._seconds
        self._free_at = max(now, self._free_at) + size / self._rate
        return self._free_at + self._seconds

    async def room(self) -> None:
        """Wait until not much waits any more."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, self._free_at - now - _QUEUE))


async def _serve(port: int, seconds: float, rate: float | None) -> asyncio.Server:
    there, back = _Line(seconds, rate), _Line(seconds, rate)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError):  # which asyncio would take for a fault of this function
            await asyncio.sleep(seconds)  # the first packet of a connection travels, too
            answers, requests = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(_hand_on(reader, requests, there), _hand_on(answers, writer, back))

    return await asyncio.start_server(accept, "127.0.0.1", 0)


async def _end(server: asyncio.Server) -> None:
    """Take nothing more, and end what is under way: connections that clients keep open."""
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: _Line) -> None:
    """Each piece leaves when it is due, whatever came meanwhile."""
    travelling: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    clock = asyncio.get_running_loop().time

    async def receive() -> None:
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                travelling.put_nowait((line.due(len(piece)), piece))
                await line.room()
        travelling.put_nowait((line.due(0), b""))

    async def deliver() -> None:
        while True:
            due, piece = await travelling.get()
            await asyncio.sleep(max(0.0, due - clock()))
            with suppress(OSError):
                if not piece:
                    return
                writer.write(piece)
                await writer.drain()

    try:
        await asyncio.gather(receive(), deliver())
    finally:
        writer.close()
