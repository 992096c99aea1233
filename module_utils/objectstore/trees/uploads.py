"""Uploads in parts that are under way: this run's, and those that were interrupted."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Callable, Mapping, NamedTuple, Optional

from ..store import ObjectWriter
from ..values.errors import AccessDeniedError, NotFoundError, UnsupportedError
from ..values.model import Uploaded, UploadedPart

#: An interrupted upload of one of our keys that is older is aborted; a younger one may be another run's.
STALE_AFTER = timedelta(days=1)


class Upload(NamedTuple):
    """A multipart upload under way, and the parts that it had when this run found it. ``resumed``: others began it."""

    id: str
    present: Mapping[int, UploadedPart]
    resumed: bool


def interrupted(store: ObjectWriter, bucket: str, key: str, fits: Callable[[Uploaded], bool]) -> Optional[Upload]:
    """The youngest upload of ``key`` that nobody completed and that ``fits``; stale ones are aborted.

    One that is listed may be gone: another run completed it, or MinIO was killed while it did so.
    """
    found = None
    try:
        pending = [one for one in store.pending_uploads(bucket, key) if one.key == key]
        for one in sorted(pending, key=lambda one: one.initiated, reverse=True):
            with suppress(NotFoundError):
                uploaded = store.uploaded(bucket, key, one.upload_id)
                if found is None and fits(uploaded):
                    found = Upload(one.upload_id, uploaded.parts, resumed=True)
                elif is_stale(one.initiated):
                    store.abort_upload(bucket, key, one.upload_id)
    except (AccessDeniedError, UnsupportedError, NotFoundError):
        return None
    return found


def is_stale(initiated: str) -> bool:
    """Whether an upload that began then is nobody's any more."""
    try:
        started = datetime.fromisoformat(initiated.replace("Z", "+00:00").split(".")[0].split("+")[0])
    except ValueError:
        return False
    return datetime.now(timezone.utc) - started.replace(tzinfo=timezone.utc) > STALE_AFTER
