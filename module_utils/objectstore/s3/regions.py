"""Regions of files on their way to a socket: in one piece, by ``sendfile`` or through TLS; and their digests."""

from __future__ import annotations

import os
import socket
import ssl
from hashlib import sha256
from typing import Iterator

from ..files.pieces import ShortenedError, pieces
from ..values.model import FileRegion


def sha256_of(region: FileRegion) -> str:
    """SHA-256 of the bytes, in hex.

    :raises OSError: where the file ends before; so do all functions here
    """
    digest = sha256()
    for piece in pieces_of(region):
        digest.update(piece)
    return digest.hexdigest()


def pieces_of(region: FileRegion) -> Iterator[memoryview]:
    """The bytes, in pieces of up to 1 MiB, each good until the next."""
    try:
        yield from pieces(region.fd, region.offset, region.size)
    except ShortenedError:
        raise _shortened(region) from None


def read_exactly(region: FileRegion) -> bytes:
    """The bytes, for small regions."""
    data = os.pread(region.fd, region.size, region.offset)
    if len(data) != region.size:
        raise _shortened(region)
    return data


def send_region(sock: socket.socket, region: FileRegion) -> None:
    """Send the bytes, which are not copied into memory where there is no TLS."""
    if isinstance(sock, ssl.SSLSocket):
        for piece in pieces_of(region):
            sock.sendall(piece)
        return
    with os.fdopen(os.dup(region.fd), "rb", buffering=0) as file:
        if sock.sendfile(file, region.offset, region.size) != region.size:
            raise _shortened(region)


def _shortened(region: FileRegion) -> OSError:
    return OSError(f"the file ends before byte {region.offset + region.size}")
