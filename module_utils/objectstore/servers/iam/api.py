"""AWS's IAM API, as stores have it on the port of S3, and what rights are called in its policies."""

from __future__ import annotations

import json
from typing import Collection, Optional
from urllib.parse import quote, unquote, urlencode
from xml.etree import ElementTree

from ...access.policy import Document, normal_document
from ...access.rights import OUTGROWING, Right, policy_of
from ...access.shape import as_list
from ...s3.session import Session

_VERSION = "2010-05-08"


def call_iam(session: Session, what: str, action: str, **fields: str) -> ElementTree.Element:
    """The answer to an action.

    :raises ObjectStoreError: that says ``what`` was attempted
    """
    body = urlencode({"Action": action, "Version": _VERSION, **fields}, quote_via=quote).encode()
    return ElementTree.fromstring(session.call(what, "POST", body=body, service="iam"))


def members(answer: ElementTree.Element, name: str = "") -> list[str]:
    """The texts of the members of a list, or of one field of each."""
    found = answer.iterfind(".//{*}member")
    return [(member.findtext(f"{{*}}{name}") if name else member.text) or "" for member in found]


def document_in(answer: ElementTree.Element, name: str) -> Document:
    """A policy that an answer holds: as it is, or encoded as in a URL."""
    text = answer.findtext(f".//{{*}}{name}") or "{}"
    document: Document = json.loads(text if text.lstrip().startswith("{") else unquote(text))
    return document


def user_policy(rights: tuple[Right, ...], *, unknown: Collection[str]) -> Optional[Document]:
    """The policy of the rights, less what MinIO alone knows: elsewhere nobody has those rights unasked."""
    if not any(right.can for right in rights):
        return None
    document = policy_of(rights, unknown=unknown)
    kept = [one for one in document["Statement"] if not set(OUTGROWING) & set(as_list(one["Action"]))]
    return normal_document({**document, "Statement": kept})
