"""Names that S3 accepts for a bucket."""

from __future__ import annotations

import re

from .errors import InvalidInputError

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_IPV4 = re.compile(r"\d{1,3}(\.\d{1,3}){3}")


def check_bucket_name(name: str) -> str:
    """``name`` itself when S3 accepts it as a bucket's name.

    Source: the S3 API's bucket naming rules (3 to 63 characters of ``a-z 0-9 . -``, no address, no ``..``).

    :raises InvalidInputError: otherwise
    """
    if not _NAME.fullmatch(name) or ".." in name or ".-" in name or "-." in name or _IPV4.fullmatch(name):
        raise InvalidInputError(
            f"use the bucket name {name!r}",
            "it is not a valid S3 bucket name",
            "Use 3 to 63 lower-case letters, digits, '-' and '.', starting and ending with a letter or digit.",
        )
    return name
