"""Whether content that arrived is what the server says of it: by its CRC-32 where it tells one, else by the ETag."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Callable, Protocol, Sequence

from ..files.digests import crc32, join_etags
from ..values.model import Delivery
from .headers import SHA256_METADATA
from .layouts import Sizes

#: The encryption that leaves ETags what they are (S3 API: SSE-S3).
_TRANSPARENT = (None, "AES256")


class _Digest(Protocol):
    def update(self, data: memoryview, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: memoryview, /) -> None:
        self._value = crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


def md5() -> _Digest:
    """An MD5, which ETags are made of."""
    return hashlib.md5(usedforsecurity=False)


@dataclass
class Proof:
    """Takes the content as it comes, in the order of its bytes, and says at the end whether it is what it should be.

    ``kind`` is what is compared: ``CRC-32``, ``ETag``, ``SHA-256``, or empty where the server says nothing of content.
    ``digests`` are those of the parts that came.
    """

    kind: str
    expected: str
    sizes: Sizes
    make: Callable[[], _Digest]
    digests: list[_Digest] = field(default_factory=list)
    _left: int = 0

    def take(self, piece: memoryview) -> None:
        """The next bytes."""
        while piece:
            if not self.digests or (self.sizes is not None and not self._left):
                self._left = self.sizes[len(self.digests)] if self.sizes is not None else 0
                self.digests.append(self.make())
            count = len(piece) if self.sizes is None else min(self._left, len(piece))
            self.digests[-1].update(piece[:count])
            self._left -= count
            piece = piece[count:]

    def found(self) -> str:
        """What the bytes make, in the form of ``expected``."""
        digests = [digest.digest() for digest in self.digests or [self.make()]]
        if self.kind == "CRC-32":
            if self.sizes is None:
                return b64encode(digests[0]).decode()
            joined = _Crc32()
            joined.update(memoryview(b"".join(digests)))
            return f"{b64encode(joined.digest()).decode()}-{len(digests)}"
        return digests[0].hex() if self.sizes is None else join_etags(digests)

    @property
    def holds(self) -> bool:
        """Whether the bytes are what they should be, as far as anybody can know."""
        return not self.kind or self.found() == self.expected


def joined(proofs: Sequence[Proof], sizes: Sizes) -> Proof:
    """That of an object in parts of these ``sizes``, of those of its stretches in their order."""
    digests = [digest for proof in proofs for digest in proof.digests]
    return Proof(proofs[0].kind, proofs[0].expected, sizes, proofs[0].make, digests)


def proof_of(answer: Delivery, sizes: Sizes, *, known: bool) -> Proof:
    """How to prove what ``answer`` announces. ``known``: the ETag is a digest, of parts of these ``sizes``."""
    in_parts = "-" in answer.crc32
    if answer.crc32 and not in_parts:
        return Proof("CRC-32", answer.crc32, None, _Crc32)
    if answer.crc32 and sizes is not None:
        return Proof("CRC-32", answer.crc32, sizes, _Crc32)
    if known and answer.encryption in _TRANSPARENT:
        return Proof("ETag", answer.etag, sizes, md5)
    if SHA256_METADATA in answer.metadata:
        return Proof("SHA-256", answer.metadata[SHA256_METADATA], None, hashlib.sha256)
    return Proof("", "", None, md5)
