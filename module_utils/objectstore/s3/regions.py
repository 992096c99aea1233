"""Regions of files on their way to a socket: in one piece, by ``sendfile`` or through TLS; and their digests."""

from __future__ import annotations

import os
import socket
import ssl
from hashlib import sha256
from typing import Iterator

from ..values.model import FileRegion

_SLICE = 1024 * 1024


def sha256_of(region: FileRegion) -> str:
    """SHA-256 of the bytes, in hex.

    :raises OSError: where the file ends before; so do all functions here
    """
    digest = sha256()
    for piece in pieces_of(region):
        digest.update(piece)
    return digest.hexdigest()


def pieces_of(region: FileRegion) -> Iterator[bytes]:
    """The bytes, in pieces of up to 1 MiB."""
    position, end = region.offset, region.offset + region.size
    while position < end:
        piece = os.pread(region.fd, min(_SLICE, end - position), position)
        if not piece:
            raise _shortened(region)
        yield piece
        position += len(piece)


def read_exactly(region: FileRegion) -> bytes:
    """The bytes, for small regions."""
    data = os.pread(region.fd, region.size, region.offset)
    if len(data) != region.size:
        raise _shortened(region)
    return data


def send_region(sock: socket.socket, region: FileRegion) -> None:
    """Send the bytes, which are not copied into memory where there is no TLS."""
    if isinstance(sock, ssl.SSLSocket):
        _send_buffered(sock, region)
        return
    with os.fdopen(os.dup(region.fd), "rb", buffering=0) as file:
        if sock.sendfile(file, region.offset, region.size) != region.size:
            raise _shortened(region)


def _send_buffered(sock: ssl.SSLSocket, region: FileRegion) -> None:
    buffer = bytearray(min(_SLICE, region.size))
    view = memoryview(buffer)
    position, end = region.offset, region.offset + region.size
    while position < end:
        count = os.preadv(region.fd, [view[: min(len(buffer), end - position)]], position)
        if not count:
            raise _shortened(region)
        sock.sendall(view[:count])
        position += count


def _shortened(region: FileRegion) -> OSError:
    return OSError(f"the file ends before byte {region.offset + region.size}")
