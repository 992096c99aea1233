"""Checksums of the S3 API, which not every server has: it says so once, and is not asked again."""

from __future__ import annotations

from typing import Callable, Mapping, NamedTuple, TypeVar

from ..values.errors import UnsupportedError

Answer = TypeVar("Answer")

#: Asks for the checksum that is kept with an object.
TELL: Mapping[str, str] = {"x-amz-checksum-mode": "ENABLED"}


class Digest(NamedTuple):
    """What a request says of its body for the server to compare: a header, its value in base64, and the MD5 in hex.

    The MD5 is empty where another digest was made.
    """

    header: str
    value: str
    md5: str = ""


class Checksums:
    """Whether the server takes headers of checksums, until it says that it implements none."""

    def __init__(self) -> None:
        self.taken = True

    def offer(self, ask: Callable[[bool], Answer]) -> Answer:
        """What ``ask`` answers, told whether its request shall have such a header.

        Where that is not implemented, and the same without it is answered, it is left out from then on.
        """
        if self.taken:
            try:
                return ask(True)
            except UnsupportedError:
                answer = ask(False)
            self.taken = False
            return answer
        return ask(False)
