"""The client that costs nothing, the other way: a GET for each file, signed beforehand, received by four threads.

It compares nothing, checks nothing and retries nothing, and gives each file its name from the first byte on.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

from minio import Minio

Request = tuple[bytes, Path]


def main() -> int:
    given = json.load(sys.stdin)
    url = urlsplit(os.environ["MINIO_ENDPOINT"])
    client = Minio(
        url.netloc,
        access_key=os.environ["MINIO_ACCESS_KEY"],
        secret_key=os.environ["MINIO_SECRET_KEY"],
        secure=False,
        region="us-east-1",
    )
    bucket, below = given["bucket"], given["prefix"] + "/"
    keys = [str(one.object_name) for one in client.list_objects(bucket, below, recursive=True)]
    places = [Path(given["folder"]) / key.removeprefix(below) for key in keys]
    requests = [
        (_head(client.presigned_get_object(bucket, key)), place) for key, place in zip(keys, places, strict=True)
    ]
    for folder in {place.parent for place in places}:
        folder.mkdir(parents=True, exist_ok=True)
    receiver = _Receiver(str(url.hostname), int(url.port or 0), iter(requests))
    started = time.perf_counter()
    threads = [threading.Thread(target=receiver.work) for _ in range(given["workers"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"seconds": time.perf_counter() - started, "rss": 0, "failure": receiver.failure}))
    return 1 if receiver.failure else 0


def _head(url: str) -> bytes:
    target = urlsplit(url)
    return f"GET {target.path}?{target.query} HTTP/1.1\r\nHost: {target.netloc}\r\n\r\n".encode()


class _Receiver:
    """Threads that take requests from one list, each over a connection of its own."""

    def __init__(self, host: str, port: int, requests: Iterator[Request]) -> None:
        self._address = host, port
        self._requests = requests
        self._lock = threading.Lock()
        self.failure = ""

    def work(self) -> None:
        buffer = memoryview(bytearray(512 * 1024))
        with socket.create_connection(self._address) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                with self._lock:
                    request = next(self._requests, None)
                if request is None:
                    return
                head, place = request
                sock.sendall(head)
                response = HTTPResponse(sock, method="GET")
                response.begin()
                left, receive = int(response.headers["Content-Length"]), response.fp.readinto1
                with place.open("wb", buffering=0) as file:
                    while left and (count := receive(buffer[: min(left, len(buffer))])):
                        file.write(buffer[:count])
                        left -= count
                        receive = sock.recv_into  # the stream's buffer is empty now
                if response.status != 200:
                    self.failure = f"{place}: HTTP {response.status}"


if __name__ == "__main__":
    sys.exit(main())
