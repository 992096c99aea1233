"""A far network before something near: a TCP proxy on 127.0.0.1 that hands on each byte after a delay, both ways."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def delaying_proxy(port: int, *, seconds: float) -> Iterator[int]:
    """The port of a proxy before ``port``. ``seconds`` is the delay each way; bandwidth is not bounded."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    serve = asyncio.run_coroutine_threadsafe(_serve(port, seconds), loop)
    server = serve.result(10)
    try:
        chosen: int = server.sockets[0].getsockname()[1]
        yield chosen
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def _serve(port: int, seconds: float) -> asyncio.Server:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)  # the first packet of a connection travels, too
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_hand_on(reader, back, seconds), _hand_on(there, writer, seconds))

    return await asyncio.start_server(accept, "127.0.0.1", 0)


async def _hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Each piece leaves ``seconds`` after it came, whatever came meanwhile."""
    travelling: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    clock = asyncio.get_running_loop().time

    async def receive() -> None:
        with suppress(OSError):
            while piece := await reader.read(1 << 16):
                travelling.put_nowait((clock() + seconds, piece))
        travelling.put_nowait((clock() + seconds, b""))

    async def deliver() -> None:
        while True:
            due, piece = await travelling.get()
            await asyncio.sleep(max(0.0, due - clock()))
            with suppress(OSError):
                if not piece:
                    writer.close()
                    return
                writer.write(piece)
                await writer.drain()

    await asyncio.gather(receive(), deliver())
