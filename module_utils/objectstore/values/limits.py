"""What S3 and MinIO refuse, known before the first request: each limit once, with its source.

A ``…_problem`` function says in words why a value cannot be kept, and ``""`` where it can; a ``check_…``
function raises that as an ``InvalidInputError``. Sources: the S3 API's user guide, and the sources of MinIO
(RELEASE.2025-10, minio/pkg v3.1.3 and madmin-go v3.0.109); where both have a limit, the narrower one holds for all.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Callable, Iterable, Mapping, Optional

from .errors import InvalidInputError
from .model import METADATA_HEADER

#: Bytes of a component of a key, where that is the name of a file or folder (NAME_MAX of Linux).
LONGEST_COMPONENT = 255

#: Bytes of a key in UTF-8 (S3 user guide, "Naming Amazon S3 objects"; MinIO: object-api-utils.go).
LONGEST_KEY = 1024

#: Bytes of user metadata, names with their prefix (S3 user guide, "Working with object metadata"; MinIO counts the
#: prefix: generic-handlers.go).
MOST_METADATA = 2048

#: Bytes of a content type. Ours: the whole head of a request may have 8 KB (S3 and MinIO), its signature included.
LONGEST_CONTENT_TYPE = 1024

#: Tags of a bucket, and characters of a tag's key and value (S3 user guide, "Using cost allocation S3 bucket tags").
MOST_TAGS, LONGEST_TAG_KEY, LONGEST_TAG_VALUE = 50, 128, 256

#: Characters of tags: S3 takes letters of any script, MinIO those of ASCII (minio-go tags.go).
TAG_CHARACTERS = re.compile(r"[\w \-+=.:/@]*")

#: Rules of a bucket's lifecycle, and characters of a rule's id (S3 API, PutBucketLifecycleConfiguration).
MOST_RULES, LONGEST_RULE_ID = 1000, 255

#: Former versions that a lifecycle rule may keep (S3 API, NoncurrentVersionExpiration); MinIO has no such bound.
MOST_NONCURRENT = 100

#: Days of anything: what a signed number of 32 bits holds, as in the S3 API; a MinIO of 64 bits takes more.
MOST_DAYS = 2**31 - 1

#: Largest size in a lifecycle rule's filter, in bytes (MinIO reads it as a signed number of 64 bits).
LARGEST_SIZE = 2**63 - 1

#: Largest quota, in bytes (MinIO keeps an unsigned number of 64 bits: madmin-go quota-commands.go).
LARGEST_QUOTA = 2**64 - 1

#: Longest default retention (S3 and MinIO: internal/bucket/object/lock).
MOST_RETENTION = {"days": 36500, "years": 100}

#: Prefixes that a bucket's versioning may exclude (MinIO: internal/bucket/versioning).
MOST_EXCLUDED_PREFIXES = 10

#: Bytes of a value in a notification's filter (S3 API, FilterRule; MinIO means to have the same, and does not look).
LONGEST_FILTER = 1024

#: Bytes of the name and of the secret of an access key (MinIO: internal/auth/credentials.go), which are checked when
#: it is made; users have the lower bounds only.
ACCESS_KEY_LENGTH, SECRET_LENGTH = (3, 20), (8, 40)

#: Bytes of the name of a user, group or policy: MinIO keeps each in a folder of its name.
LONGEST_IDENTITY = 255

#: Bytes of an access key's description (madmin-go user-commands.go).
LONGEST_DESCRIPTION = 256

#: How far ahead an access key may end when its end is set (MinIO: iam-store.go).
SHORTEST_LIFE, LONGEST_LIFE = timedelta(minutes=15), timedelta(days=365)

#: Bytes of a policy document: of a bucket (S3 and MinIO), of a name (MinIO), and of an access key (MinIO: iam.go).
LARGEST_POLICY, LARGEST_KEY_POLICY = 20 * 1024, 4096

#: Beginnings and ends of names that S3 keeps for itself (S3 user guide, "General purpose bucket naming rules").
RESERVED_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
RESERVED_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")

#: Control characters, and what XML cannot hold.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_MEDIA_TYPE = re.compile(r"[!#$&\-^_.+0-9A-Za-z]+/[!#$&\-^_.+0-9A-Za-z]+(\s*;.*)?")


def bytes_of(text: str) -> Optional[int]:
    """How many bytes ``text`` has in UTF-8, ``None`` where it cannot be written so."""
    try:
        return len(text.encode("utf-8"))
    except UnicodeEncodeError:
        return None


def key_problem(key: str, *, of_server: Callable[[str], str] = lambda _key: "") -> str:
    """Why an object cannot have this key.

    :param of_server: ``Abilities.key_problem`` of the server
    """
    size = bytes_of(key)
    if size is None:
        return "it is not valid UTF-8"
    if size > LONGEST_KEY:
        return f"it has {size} bytes, and a key at most {LONGEST_KEY}"
    if any(part in ("", ".", "..") for part in key.split("/")):
        return "it has a component that is empty, '.' or '..'"
    return "it has a NUL character" if "\0" in key else of_server(key)


def component_problem(key: str, server: str) -> str:
    """Why a server that keeps each component of a key as a file's or folder's name cannot keep this key."""
    longest = max(bytes_of(component) or 0 for component in key.split("/"))
    if longest <= LONGEST_COMPONENT:
        return ""
    return f"it has a component of {longest} bytes, and between two '/' {server} takes at most {LONGEST_COMPONENT}"


def check_key(key: str) -> str:
    """``key`` itself when an object can have it, as far as that does not depend on the server.

    :raises InvalidInputError: otherwise
    """
    refuse(f"use the object key {shortened(key)}", [key_problem(key)], "Write it like manifests/keys.txt.")
    return key


def shortened(text: str) -> str:
    """A text for a message."""
    return repr(text if len(text) <= 80 else f"{text[:60]}…{text[-10:]}")


def text_problem(text: str) -> str:
    """Why a text cannot travel in a header or in XML and come back as it was."""
    if bytes_of(text) is None:
        return "it is not valid UTF-8"
    found = _CONTROL.search(text)
    if found:
        return f"it has the control character {found.group()!r}"
    return "it has outer blanks, which are lost on the way" if text != text.strip() else ""


def metadata_problem(metadata: Mapping[str, str]) -> str:
    """Why an object cannot have this user metadata (names without their prefix)."""
    size = 0
    for name, value in metadata.items():
        if not _TOKEN.fullmatch(name):
            return f"the name {name!r} is not of letters, digits and '-'"
        problem = text_problem(value)
        if problem:
            return f"the value of {name} cannot be kept: {problem}"
        size += len(METADATA_HEADER) + len(name) + (bytes_of(value) or 0)
    if size > MOST_METADATA:
        return f"it has {size} bytes, names with their prefix {METADATA_HEADER} included, and at most {MOST_METADATA}"
    return ""


def reserved_metadata(metadata: Mapping[str, str]) -> str:
    """Why a name cannot be given: MinIO takes it for an order to unpack the object (object-handlers.go)."""
    found = [name for name in metadata if "snowball" in name.lower()]
    return f"MinIO takes {found[0]} for an order to unpack the object" if found else ""


def content_type_problem(text: str) -> str:
    """Why an object cannot have this content type."""
    problem = text_problem(text)
    if problem:
        return problem
    if not _MEDIA_TYPE.fullmatch(text) or not text.isascii():
        return "it is not of the form type/subtype"
    return f"it has {len(text)} bytes, and at most {LONGEST_CONTENT_TYPE}" if len(text) > LONGEST_CONTENT_TYPE else ""


def tags_problem(tags: Mapping[str, str], *, any_script: bool, most: int = MOST_TAGS) -> str:
    """Why these tags cannot be kept.

    :param any_script: ``Abilities.tags_in_any_script`` of the server
    """
    if len(tags) > most:
        return f"there are {len(tags)} tags, and at most {most}"
    for key, value in tags.items():
        for text, what, longest in ((key, "key", LONGEST_TAG_KEY), (value, f"value of {key}", LONGEST_TAG_VALUE)):
            problem = text_problem(text)
            if not problem and len(text) > longest:
                problem = f"it has {len(text)} characters, and at most {longest}"
            if not problem and (not TAG_CHARACTERS.fullmatch(text) or not (any_script or text.isascii())):
                letters = "letters" if any_script else "letters of ASCII"
                problem = f"it may hold {letters}, digits, spaces and + - = . _ : / @"
            if problem:
                return f"the {what} cannot be kept: {problem}"
    return "a key is empty" if "" in tags else ""


def whole_problem(value: int, *, least: int, most: int) -> str:
    """Why a number is out of its bounds."""
    return "" if least <= value <= most else f"it is {value}, and from {least} to {most} are possible"


def date_problem(text: str) -> str:
    """Why ``text`` (YYYY-MM-DD) is no day of the calendar."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return "there is no such day"
    return ""


def new_bucket_problem(name: str) -> str:
    """Why no bucket can be made by a name that is well formed; one that exists may have it."""
    taken = [word for word in RESERVED_STARTS if name.startswith(word)]
    taken += [word for word in RESERVED_ENDS if name.endswith(word)]
    return f"S3 keeps names with {taken[0]!r} for itself" if taken else ""


def prefix_of(what: str, prefix: str) -> str:
    """A prefix of keys as it is sent: no key begins with ``/``, so one in front is dropped.

    :raises InvalidInputError: where nothing would be left, so that ``/`` never becomes all that there is
    """
    bare = prefix.lstrip("/")
    if prefix and not bare:
        raise InvalidInputError(
            f"use the prefix {prefix!r} of {what}",
            "no key begins with '/'",
            "Name a folder like logs/; leave it out for the whole bucket.",
        )
    return bare


def refuse(attempted: str, problems: Iterable[str], hint: str = "") -> None:
    """Refuse with the first problem, if there is one.

    :raises InvalidInputError: naming it
    """
    for problem in problems:
        if problem:
            raise InvalidInputError(attempted, problem, hint)
