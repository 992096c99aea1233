"""Requests that MinIO authorises and then refuses (each measured, and read in its source): they can do no harm."""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import tarfile
import uuid
from base64 import b64encode
from typing import Iterator, Mapping

from ...access.probes import Probe
from .sdk import COMMAND, crypto

#: Neither XML nor JSON, and its digest, which some requests need.
_MALFORMED = b"<"
_DIGEST = {"Content-MD5": b64encode(hashlib.md5(_MALFORMED, usedforsecurity=False).digest()).decode()}

#: Settings of a bucket besides its policy, by subresource, each set with a body that is none. Tags are not among them:
#: of a bucket that is missing, MinIO says so before it authorises.
_SETTINGS = {
    "encryption": "encryption",
    "lifecycle": "lifecycle",
    "notifications": "notification",
    "object_lock": "object-lock",
    "replication": "replication",
    "versioning": "versioning",
}
_INVALID = frozenset({"InvalidArgument", "InvalidBucketState", "InvalidRequest", "MalformedXML"})

#: Says that a request is only to be judged; MinIO then neither writes nor removes (its ``object-handlers.go``).
_JUDGED = {"x-minio-source-replication-check": "true"}
_IS_JUDGED = frozenset({"ReplicationPermissionCheck"})

#: Longer than a component of a key may be: an object of this name is authorised, and cannot be written.
_TOO_LONG = "access-probe-" + "x" * 300

#: Bodies of the admin API are encrypted; this one cannot be deciphered, which MinIO sees after it authorised.
_UNDECIPHERABLE = b"\xff" * 80


def bucket_probes() -> Iterator[Probe]:
    """Changes of a bucket; it is removed with a value of x-minio-force-delete that is none."""
    for verb, subresource in _SETTINGS.items():
        yield Probe(verb, "PUT", _INVALID, {subresource: ""}, _DIGEST, _MALFORMED)
    yield Probe("remove_bucket", "DELETE", _INVALID, headers={"x-minio-force-delete": "neither"})


def object_probes(prefix: str) -> Iterator[Probe]:
    """What may be done with an object below ``prefix``, in ways that only MinIO knows, or refuses without harm."""
    yield Probe("delete", "DELETE", _IS_JUDGED, headers=_JUDGED, like="delete")
    yield Probe("versions", "DELETE", _IS_JUDGED, {"versionId": str(uuid.uuid4())}, _JUDGED)
    yield Probe("hold", "PUT", _INVALID, {"legal-hold": ""}, _DIGEST, _MALFORMED)
    yield Probe("copy", "PUT", _INVALID, headers={"x-amz-copy-source": "/"}, like="write")
    if prefix.isascii() and prefix.isprintable() and prefix == prefix.strip():  # a header carries no other
        headers = {"x-amz-meta-snowball-auto-extract": "true"}
        if prefix:
            headers["x-amz-meta-minio-snowball-prefix"] = prefix
        names = frozenset({"XMinioInvalidObjectName"})
        yield Probe("unpack", "PUT", names, headers=headers, body=_archive(), like="write")


def _archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo(_TOO_LONG)
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"x"))
    return buffer.getvalue()


def admin_probes(own: str, secret: str) -> Iterator[tuple[COMMAND, Probe]]:
    """Requests of the admin API by the identity ``own``: what it could do to itself first, then to the server."""
    nobody = f"probe{secrets.token_hex(6)}"
    undeciphered, no_policy = frozenset({"XMinioAdminConfigBadJSON"}), frozenset({"XMinioMalformedIAMPolicy"})
    key = {"accessKey": nobody, "secretKey": secrets.token_hex(16), "policy": {"Version": "none"}}
    yield COMMAND.ADD_USER, Probe("own_secret", "PUT", undeciphered, {"accessKey": own}, body=_UNDECIPHERABLE)
    yield COMMAND.SERVICE_ACCOUNT_ADD, Probe("access_keys", "PUT", no_policy, body=_sealed(key, secret))
    yield COMMAND.ADD_USER, Probe("users", "PUT", undeciphered, {"accessKey": nobody}, body=_UNDECIPHERABLE)
    yield COMMAND.ADD_CANNED_POLICY, Probe("policies", "PUT", no_policy, {"name": nobody}, body=_MALFORMED)
    yield COMMAND.SET_CONFIG, Probe("server", "PUT", undeciphered, body=_UNDECIPHERABLE)


def _sealed(document: Mapping[str, object], secret: str) -> bytes:
    """A body of the admin API with the cheaper of MinIO's ways to make a key of a secret (madmin's ``encrypt.go``).

    The SDK's own takes 64 MiB and up to half a second, here and again in the server.
    """
    salt, nonce = os.urandom(32), os.urandom(8)
    key = hashlib.pbkdf2_hmac("sha256", secret.encode(), salt, 8192, 32)
    cipher = crypto._get_cipher(0, key, nonce + (1).to_bytes(4, "little"))
    cipher.update(crypto._mark_as_last(crypto._generate_additional_data(0, key, nonce + bytes(4))))
    return salt + b"\x02" + nonce + b"".join(cipher.encrypt_and_digest(json.dumps(document).encode()))
