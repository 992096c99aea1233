"""Texts that travel in headers: only ASCII does, so anything else goes as words of RFC 2047, as MinIO answers them."""

from __future__ import annotations

import re
from base64 import b64encode
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import Any, Mapping

from .errors import InvalidInputError
from .limits import content_type_problem, metadata_problem, refuse, reserved_metadata
from .model import METADATA_HEADER

#: Bytes of a text that fit a word: 75 characters at most (RFC 2047, section 2), of which the frame takes 12.
_WORD = 45

_CHARSET = re.compile(r"(?i)(;\s*charset=)([\w.-]+)$")


def encoded(text: str) -> str:
    """The text as it goes into a header. Plain ASCII stays, unless a reader would take it for encoded."""
    if text.isascii() and "=?" not in text:
        return text
    words, rest = [], text
    while rest:
        size = len(rest[:_WORD].encode("utf-8")[:_WORD].decode("utf-8", "ignore"))
        words.append(f"=?UTF-8?B?{b64encode(rest[:size].encode('utf-8')).decode('ascii')}?=")
        rest = rest[size:]
    return " ".join(words)


def decoded(value: str) -> str:
    """The text of a header, whoever encoded it; what cannot be decoded stays as it came."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def object_headers(content_type: str, metadata: Mapping[str, str]) -> dict[str, str]:
    """The headers that an object is written with."""
    named = {f"{METADATA_HEADER}{name}": encoded(value) for name, value in metadata.items()}
    return {"Content-Type": spelled(content_type), **named}


def spelled(content_type: str) -> str:
    """A content type with the name of its charset in capitals, which mean the same (RFC 9110).

    Servers on Jetty (S3Proxy) write it so before they compare the signature, which then is of another text.
    """
    return _CHARSET.sub(lambda found: found.group(1) + found.group(2).upper(), content_type)


def checked_metadata(metadata: Mapping[str, Any]) -> dict[str, str]:
    """User metadata as an object gets it: names in lower case, values as text.

    :raises InvalidInputError: for what would be lost, cut or taken for something else on the way
    """
    for name, value in metadata.items():
        if value is None or isinstance(value, (dict, list)):
            raise InvalidInputError(
                "use the metadata", f"{name} is {'null' if value is None else 'no text'}", "Give each name a text."
            )
    texts = {str(name).lower(): str(value) for name, value in metadata.items()}
    if len(texts) < len(metadata):
        raise InvalidInputError("use the metadata", "two names differ in case only", "Headers do not tell them apart.")
    sent = {name: encoded(value) for name, value in texts.items()}
    refuse("use the metadata", [reserved_metadata(texts), metadata_problem(texts), metadata_problem(sent)])
    return texts


def checked_content_type(content_type: str) -> str:
    """A content type as an object gets it.

    :raises InvalidInputError: for what no header can carry, or is none
    """
    refuse(f"use the content_type {content_type!r}", [content_type_problem(content_type)])
    return content_type
