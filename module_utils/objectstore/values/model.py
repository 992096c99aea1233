"""The values that travel between the layers: what is wanted, and what was seen on disk and in the store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Mapping, NamedTuple, Optional
from urllib.parse import quote, urlsplit


class LocalFile(NamedTuple):
    """A regular file below a source folder, as one ``stat`` saw it.

    ``key`` is the object key that it maps to; ``path`` is absolute. ``size`` is in bytes, the times
    in nanoseconds. Device, inode, size and both times together identify the content: ``ctime_ns``
    moves even where a writer sets ``mtime_ns`` back.
    """

    key: str
    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    device: int
    inode: int


class RemoteObject(NamedTuple):
    """An object as a listing shows it.

    ``etag`` comes without quotes. ``metadata`` holds user metadata in lower case without the
    ``x-amz-meta-`` prefix; it is empty where the server does not list it.
    """

    key: str
    size: int
    etag: str
    metadata: Mapping[str, str] = {}

    @property
    def name(self) -> str:
        """The object's own key."""
        return self.key


class ObjectToRead(NamedTuple):
    """An object as the source of a sync: ``key`` is the name that it gets at the target, ``name`` its own key.

    ``version`` is the id of the version that is read; empty for the object as it is.
    """

    key: str
    name: str
    size: int
    etag: str
    version: str = ""


class Origin(NamedTuple):
    """What a server copies: an object, or one of its versions."""

    bucket: str
    key: str
    version: str = ""

    @property
    def header(self) -> str:
        """How a request names it (S3 API, ``x-amz-copy-source``)."""
        return quote(f"/{self.bucket}/{self.key}") + (f"?versionId={quote(self.version)}" if self.version else "")


class Delivery(NamedTuple):
    """What a store says of the content that it is about to send.

    ``start`` is the first byte that comes, ``size`` those of the whole object, ``length`` those that come. ``crc32`` is
    the object's CRC-32 in base64, or ``CRC-N`` of the CRCs of its N parts; empty where the server does not tell.
    ``modified`` in seconds since 1970.
    """

    start: int
    size: int
    etag: str
    crc32: str = ""
    modified: float = 0.0
    metadata: Mapping[str, str] = {}
    encryption: Optional[str] = None
    content_type: str = ""
    length: int = 0


class ObjectStat(NamedTuple):
    """An object's answer to HEAD. ``size`` is that of the part when a part was asked for."""

    size: int
    etag: str
    parts: Optional[int]
    metadata: Mapping[str, str]
    encryption: Optional[str] = None
    content_type: str = ""


#: The algorithm of our own uploads' checksums, as the S3 API calls it.
CHECKSUMS = "CRC32"


class UploadedPart(NamedTuple):
    """A part of an upload that is not completed.

    ``size`` in bytes; ``etag`` is the MD5 in hex; ``checksum`` the CRC-32 in base64 where the server keeps it.
    """

    number: int
    size: int
    etag: str
    checksum: str = ""


class Uploaded(NamedTuple):
    """What an upload that is not completed has.

    ``checksums`` is the algorithm that it was begun with (``CRC32``), empty for none and where no server tells it.
    """

    checksums: str
    parts: Mapping[int, UploadedPart]


class FileRegion(NamedTuple):
    """``size`` bytes of an open file from ``offset``, and their CRC-32 as it was read just before sending."""

    fd: int
    offset: int
    size: int
    crc32: int


class Receipt(NamedTuple):
    """What the server answered to bytes that it stored.

    ``checked`` says whether it confirmed the digest that was sent with them, the CRC-32 or the MD5; a server may
    ignore the header, and then only the ETag tells what was received. ``opaque`` says that encryption hides the
    content from the ETag.
    """

    etag: str
    checked: bool
    opaque: bool = False


class ObjectVersion(NamedTuple):
    """A version of an object, or the marker that says that it is deleted.

    ``version_id`` is ``null`` for what was written without versioning. It is empty where the server has no versions,
    and so is ``etag``, as it is for a marker.
    """

    key: str
    version_id: str
    is_marker: bool = False
    is_latest: bool = False
    etag: str = ""


class PendingUpload(NamedTuple):
    """A multipart upload that somebody started and nobody completed or aborted.

    ``initiated`` is the server's time, as ISO 8601 in UTC, which sorts as text.
    """

    key: str
    upload_id: str
    initiated: str = ""


class SourceFault(NamedTuple):
    """A path that is there but cannot be read: its content is unknown, so nothing may be concluded from it.

    ``prefix`` is the key of a file, or the key prefix (ending in ``/``) of a folder.
    """

    path: str
    prefix: str
    reason: str


@dataclass(frozen=True)
class Connection:
    """How to reach a store. Secrets stay out of ``repr``.

    :param endpoint: ``http://host[:port]`` or ``https://host[:port]``, already normalised
    :param others: further endpoints of the same store, in the order in which they are tried
    :param ca_cert: path of the authority's PEM file, or its content
    :param client_cert: path of the PEM file that the client shows of itself; ``client_key`` where it is apart
    :param server_name: another name that the server's certificate may be issued for, as that of a Service in a cluster
    :param sign_payloads: whether what is uploaded is signed with its SHA-256, and not by its length and CRC-32 alone
    :param timeout: seconds without an answer until a request counts as failed
    :param retries: further attempts after a transient failure
    """

    endpoint: str
    access_key: Optional[str] = None
    secret_key: Optional[str] = field(default=None, repr=False)
    session_token: Optional[str] = field(default=None, repr=False)
    region: Optional[str] = None
    ca_cert: Optional[str] = None
    client_cert: Optional[str] = None
    client_key: Optional[str] = None
    validate_certs: bool = True
    server_name: Optional[str] = None
    timeout: float = 60.0
    retries: int = 5
    others: tuple[str, ...] = ()
    sign_payloads: bool = False

    @property
    def endpoints(self) -> tuple[str, ...]:
        """All, from the one in use on."""
        return (self.endpoint, *self.others)

    def at(self, endpoint: str) -> Connection:
        """The same store by another of its endpoints; the others follow it in their order."""
        turn = self.endpoints.index(endpoint)
        return replace(self, endpoint=endpoint, others=(*self.endpoints[turn + 1 :], *self.endpoints[:turn]))

    @property
    def secure(self) -> bool:
        """Whether the endpoint speaks TLS."""
        return self.endpoint.startswith("https://")

    @property
    def address(self) -> str:
        """``host[:port]``."""
        return self.endpoint.split("://", 1)[1]

    @property
    def host(self) -> str:
        """The endpoint's host, an IPv6 address without brackets."""
        return urlsplit(self.endpoint).hostname or ""

    @property
    def port(self) -> int:
        """The endpoint's port."""
        return urlsplit(self.endpoint).port or (443 if self.secure else 80)

    def anonymous(self) -> Connection:
        """The same store, approached without credentials."""
        return Connection(
            endpoint=self.endpoint,
            region=self.region or "us-east-1",
            ca_cert=self.ca_cert,
            client_cert=self.client_cert,
            client_key=self.client_key,
            validate_certs=self.validate_certs,
            server_name=self.server_name,
            timeout=self.timeout,
            retries=self.retries,
        )


JsonDict = dict[str, Any]


#: What stands before the name of user metadata in headers (S3 API).
METADATA_HEADER = "x-amz-meta-"
