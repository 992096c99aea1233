"""All that a store says of its buckets, for people and for other tasks."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Optional, Protocol

from ..access.policy import Document, level_of, normal_document
from ..store import BucketStore, ContentStore
from ..values.bucket_names import check_bucket_name
from ..values.errors import AccessDeniedError, UnsupportedError
from .bucket import COUNT_LIMIT, SETTINGS, Contents, count_contents


class InfoStore(BucketStore, ContentStore, Protocol):
    """What reading it all takes."""

    def bucket_policy(self, bucket: str) -> Optional[Document]:
        """The bucket policy document, ``None`` where there is none."""


def bucket_infos(store: InfoStore, name: Optional[str], *, count: bool) -> list[dict[str, Any]]:
    """One dictionary a bucket, sorted by name: of bucket ``name``, or of all; empty where there is no such bucket."""
    if name is None:
        return [_info(store, bucket, count=count) for bucket in store.list_buckets()]
    return [_info(store, name, count=count)] if store.bucket_exists(check_bucket_name(name)) else []


def _info(store: InfoStore, bucket: str, *, count: bool) -> dict[str, Any]:
    """What cannot be read is ``None``, and ``unread`` says why."""
    unread: dict[str, str] = {}

    def read(subject: str, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except (UnsupportedError, AccessDeniedError) as error:
            unread[subject] = str(error)
            return None

    info: dict[str, Any] = {"name": bucket, "object_lock": read("object_lock", lambda: store.has_object_lock(bucket))}
    for setting in SETTINGS:
        info[setting] = read(setting, partial(store.bucket_setting, bucket, setting))
    document = read("policy", lambda: normal_document(store.bucket_policy(bucket)))
    info.update(policy=document, access=None if "policy" in unread else level_of(bucket, document))
    if count:
        found: Optional[Contents] = read("contents", lambda: count_contents(store, bucket))
        info["contents"] = found and {
            "versions": found.versions,
            "delete_markers": found.markers,
            "incomplete_uploads": found.uploads,
            "more": found.more,
            "limit": COUNT_LIMIT,
        }
    return {**info, "unread": unread}
