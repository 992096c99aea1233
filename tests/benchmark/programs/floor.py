"""The client that costs nothing: one PUT a file, signed beforehand, sent by ``sendfile`` from four threads.

It compares nothing, checks nothing and retries nothing, so no client on this server can be much faster: what it
takes is the server's time. Over TLS the bytes must pass through the process, and the socket's library encrypts them.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import urllib3
from minio import Minio

Request = tuple[bytes, Path, int]

_SLICE = 1024 * 1024


def main() -> int:
    given = json.load(sys.stdin)
    folder = Path(given["folder"])
    ca_cert = os.environ.get("MINIO_CA_CERT")
    url = urlsplit(os.environ["MINIO_ENDPOINT"])
    client = Minio(
        url.netloc,
        access_key=os.environ["MINIO_ACCESS_KEY"],
        secret_key=os.environ["MINIO_SECRET_KEY"],
        secure=url.scheme == "https",
        region="us-east-1",
        http_client=urllib3.PoolManager(ca_certs=ca_cert),
    )
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    requests = [
        _request(client.presigned_put_object(given["bucket"], f"{given['prefix']}/{path.relative_to(folder)}"), path)
        for path in files
    ]
    context = ssl.create_default_context(cafile=ca_cert) if url.scheme == "https" else None
    sender = _Sender(str(url.hostname), int(url.port or 0), context, iter(requests))
    started = time.perf_counter()
    threads = [threading.Thread(target=sender.work) for _ in range(given["workers"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"seconds": time.perf_counter() - started, "rss": 0, "failure": sender.failure}))
    return 1 if sender.failure or sender.done != len(files) else 0


def _request(url: str, path: Path) -> Request:
    target = urlsplit(url)
    size = path.stat().st_size
    head = f"PUT {target.path}?{target.query} HTTP/1.1\r\nHost: {target.netloc}\r\nContent-Length: {size}\r\n\r\n"
    return head.encode(), path, size


class _Sender:
    """Threads that take requests from one list, each over a connection of its own."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, requests: Iterator[Request]) -> None:
        self._address = host, port
        self._context = context
        self._requests = requests
        self._lock = threading.Lock()
        self.failure = ""
        self.done = 0

    def work(self) -> None:
        with self._connect() as sock:
            while True:
                with self._lock:
                    request = next(self._requests, None)
                if request is None:
                    return
                self._send(sock, *request)
                response = HTTPResponse(sock, method="PUT")
                response.begin()
                body = response.read()
                with self._lock:
                    self.done += 1
                    if response.status != 200:
                        self.failure = body.decode(errors="replace")

    def _connect(self) -> socket.socket:
        sock = socket.create_connection(self._address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._context.wrap_socket(sock, server_hostname=self._address[0]) if self._context else sock

    def _send(self, sock: socket.socket, head: bytes, path: Path, size: int) -> None:
        with path.open("rb", buffering=0) as file:
            if size <= 256 * 1024:
                sock.sendall(head + file.read())
                return
            sock.sendall(head)
            if self._context is None:
                sock.sendfile(file)
                return
            buffer = memoryview(bytearray(_SLICE))
            while count := file.readinto(buffer):
                sock.sendall(buffer[:count])


if __name__ == "__main__":
    sys.exit(main())
