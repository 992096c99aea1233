"""An upload in parts whose drives are away, while the store has enough others for a new one."""

from __future__ import annotations

from contextlib import suppress
from typing import Callable, Optional, TypeVar

from ..store import ObjectWriter
from ..values.errors import NoQuorumError, ObjectStoreError
from .uploads import Upload

Done = TypeVar("Done")


def on_a_quorum(
    store: ObjectWriter,
    bucket: str,
    key: str,
    upload: Upload,
    *,
    work: Callable[[Upload], Done],
    start: Callable[[], str],
) -> Done:
    """What ``work`` makes of an upload, or of the one that ``start`` begins where only that one can be written.

    MinIO keeps an upload on the drives that were seen when it was begun. Where one was away then and another one is
    away now, all its parts are refused until that is back, whatever the others could write (measured: four drives, one
    after the other). Where nothing can be written none can be begun either, and the upload is left to the next run.
    Where one can, the first is tried once more before it is given up, since the quorum may have come back meanwhile.

    :raises NoQuorumError: where nothing can be written
    """
    try:
        return work(upload)
    except NoQuorumError:
        fresh = _begun(start)
        if fresh is None:
            raise
    given_up = fresh
    try:
        return work(upload._replace(present=store.uploaded(bucket, key, upload.id).parts))
    except NoQuorumError:
        given_up = upload
        return work(fresh)
    finally:
        with suppress(ObjectStoreError):
            store.abort_upload(bucket, key, given_up.id)


def _begun(start: Callable[[], str]) -> Optional[Upload]:
    try:
        return Upload(start(), {}, resumed=False)
    except ObjectStoreError:
        return None
