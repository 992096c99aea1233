"""Listings, read page by page, each page fetched while the last is used.

The SDK builds an object with parsed dates for each key, which takes most of the time of a large listing;
here a page becomes plain tuples.

MinIO stores a listing that is continued by its token, and reads the pages after the second from there. Whoever comes
before they are stored waits for 50 or 300 ms (measured), longer than a sync of 5,000 objects takes. So the first pages
are asked for by the key that they follow. A folder is then read again for each page, so pages that take long are
continued by their token, as are those of a long listing. And MinIO may call such a page the last one though it is not,
when dozens of names sort between a folder's name and its slash (measured): the last page is always one by token.
"""

from __future__ import annotations

import heapq
import re
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from typing import Callable, Iterable, Iterator, Mapping, NamedTuple, Optional
from urllib.parse import unquote_plus
from xml.etree import ElementTree

from ..files.spool import Spool
from ..values.errors import UnreachableError
from ..values.model import RemoteObject

#: The S3 API's and MinIO's largest page.
PAGE_SIZE = 1000

#: How many objects of a listing that has to be sorted are held in memory.
SORTED_AT_ONCE = 50_000

#: How many pages in a row may be empty, though they are not the last one. S3 promises no bound.
MOST_EMPTY = 1000

#: How many pages are asked for by the key that they follow, and how long one may take for that, in seconds.
FIRST_PAGES, QUICK = 10, 0.1

_NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"

#: An object as MinIO and S3 write it, without escapes: read 3.5 times faster than by an XML parser, which
#: takes most of the time of a sync of 200,000 objects where nothing is to be done. Pages with anything else
#: are left to the parser.
_PLAIN_OBJECT = re.compile(
    rb"<Contents><Key>([^<&]+)</Key><LastModified>[^<]*</LastModified>"
    rb'<ETag>(?:&#34;|&quot;|")([0-9a-f-]+)(?:&#34;|&quot;|")</ETag><Size>(\d+)</Size>'
)


class Page(NamedTuple):
    """Objects in the order of their keys' bytes, and the token of the next page (``None`` at the end)."""

    objects: list[RemoteObject]
    next_token: Optional[str]


class Way:
    """Through the pages of a listing, none of which is asked for twice: a server that repeats itself has no end.

    :param what: what is attempted
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._asked: set[int] = set()
        self._empty = 0

    def onward(self, position: Mapping[str, str]) -> None:
        """Note what is asked for.

        :raises UnreachableError: where it was asked for before
        """
        mark = hash(frozenset(position.items()))  # a token may be long, and there is one for each thousand objects
        if mark in self._asked:
            raise self._endless("it sends the same page again and again")
        self._asked.add(mark)

    def came(self, found: int) -> None:
        """Note how much a page had.

        :raises UnreachableError: where nothing comes any more, and there is always another page
        """
        self._empty = 0 if found else self._empty + 1
        if self._empty > MOST_EMPTY:
            raise self._endless(f"it sent {self._empty} pages with nothing in them")

    def _endless(self, why: str) -> UnreachableError:
        return UnreachableError(self._what, f"the server's listing has no end: {why}", "Look for what answers there.")


#: Fetches the page that a part of a query asks for; an empty one asks for the first page.
Fetch = Callable[[Mapping[str, str]], Page]


def parse_page(body: bytes) -> Page:
    """The page in the body of a ListObjectsV2 answer, with keys as they are in the store."""
    plain = _PLAIN_OBJECT.findall(body)
    if not plain or b"<UserMetadata" in body or len(plain) != body.count(b"<Contents>"):
        return _parse_xml(body)
    frame = body[: body.index(b"<Contents>")] + body[body.rindex(b"</Contents>") + len(b"</Contents>") :]
    decoded = _decoder(b"<EncodingType>url<" in frame)
    objects = [
        RemoteObject(decoded(key), int(size), etag)
        for key, etag, size in ((key.decode(), etag.decode(), size) for key, etag, size in plain)
    ]
    return _continued(objects, _parse_xml(frame).next_token, decoded)


def key_decoder(answer: ElementTree.Element) -> Callable[[str], str]:
    """How keys and markers of a listing are read: decoded only where the answer says that it encoded them.

    A server may leave ``encoding-type`` unheeded, and ``+`` and ``%`` are characters of keys.
    """
    return _decoder(answer.findtext("{*}EncodingType") == "url")


def _decoder(encoded: bool) -> Callable[[str], str]:
    return _decoded if encoded else str


def _decoded(text: str) -> str:
    return unquote_plus(text) if "%" in text or "+" in text else text


def _parse_xml(body: bytes) -> Page:
    root = ElementTree.fromstring(body)
    namespace = _NAMESPACE if root.tag.startswith(_NAMESPACE) else ""
    contents, decoded = namespace + "Contents", key_decoder(root)
    objects = [_parse_object(element, len(namespace), decoded) for element in root if element.tag == contents]
    token = root.findtext(namespace + "NextContinuationToken") or None
    truncated = root.findtext(namespace + "IsTruncated") == "true"
    if truncated and not token:
        raise ValueError("it says that there are more objects, and not where they begin")
    return _continued(objects, token if truncated else None, decoded)


def _continued(objects: list[RemoteObject], token: Optional[str], decoded: Callable[[str], str]) -> Page:
    """A page. A token that is its last key and was encoded with the keys is sent back as that key (S3Proxy).

    As it came it would stand for another place, and the same page be sent again.
    """
    last = objects[-1].key if objects else ""
    return Page(objects, last if last and token is not None and decoded(token) == last else token)


def _parse_object(element: ElementTree.Element, skip: int, decoded: Callable[[str], str]) -> RemoteObject:
    key = etag = ""
    size = 0
    metadata: dict[str, str] = {}
    for child in element:
        name = child.tag[skip:]
        if name == "Key":
            key = child.text or ""
        elif name == "Size":
            size = int(child.text or 0)
        elif name == "ETag":
            etag = (child.text or "").strip('"')
        elif name == "UserMetadata":
            metadata = {_plain_name(item.tag[skip:]): item.text or "" for item in child}
    return RemoteObject(decoded(key), size, etag, metadata)


def _plain_name(header: str) -> str:
    return header.lower().replace("x-amz-meta-", "", 1)


def iterate(fetch: Fetch, first: tuple[Page, bool], *, by_key: bool) -> Iterator[RemoteObject]:
    """All objects of all pages, in the server's order.

    :param first: the first page, and whether it came quickly
    :param by_key: whether the first pages are asked for by the key that they follow
    """
    page, quick = first
    with ThreadPoolExecutor(max_workers=1) as ahead:
        for number in count(1):
            if page.next_token is None:
                break
            following = ahead.submit(_follow, fetch, page, by_key=by_key and quick and number < FIRST_PAGES)
            yield from page.objects
            page, quick = following.result()
        yield from page.objects


def _follow(fetch: Fetch, page: Page, *, by_key: bool) -> tuple[Page, bool]:
    """The page after ``page``, and whether the one after that may be asked for by key."""
    if by_key and page.objects:
        found, quick = timed(fetch, {"start-after": page.objects[-1].key})
        if found.next_token is not None:
            return found, quick
    return fetch({"continuation-token": page.next_token or ""}), False


def timed(fetch: Fetch, position: Mapping[str, str]) -> tuple[Page, bool]:
    """A page, and whether it came quickly."""
    started = time.monotonic()
    page = fetch(position)
    return page, time.monotonic() - started < QUICK


def sort_by_key(objects: Iterable[RemoteObject]) -> Iterator[RemoteObject]:
    """The objects sorted by the bytes of their keys, each key once.

    Servers may list in another order (SeaweedFS walks through folders, where ``d1/x`` comes before ``d1-/x``, as S3's
    directory buckets do), or a key twice at the border of two pages (s3proxy). No more than ``SORTED_AT_ONCE`` objects
    are held in memory: more of them wait on disk, sorted, and are merged.
    """
    remaining = iter(objects)
    runs: list[Iterable[RemoteObject]] = []
    while run := sorted(islice(remaining, SORTED_AT_ONCE), key=_key):
        if len(run) < SORTED_AT_ONCE and not runs:
            runs.append(run)
            break
        spool: Spool[RemoteObject] = Spool(in_memory=1)
        for item in run:
            spool.append(item)
        runs.append(spool)
    last = None
    for item in heapq.merge(*runs, key=_key):
        if item.key != last:
            yield item
        last = item.key


def _key(item: RemoteObject) -> str:
    """Code points sort as their UTF-8 bytes do."""
    return item.key
