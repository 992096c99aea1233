"""Many small files in one request: MinIO unpacks a tar into objects."""

from __future__ import annotations

from ...s3.session import Session


class Bundles:
    """The verb of ``store.ArchiveSender``."""

    _session: Session

    def write_bundle(self, bucket: str, name: str, archive: bytes) -> None:
        """Have MinIO unpack ``archive``, whose entries are whole keys; those that it cannot write are left out.

        No object ``name`` is made; it is a key that we may write. The prefix that MinIO would take from a header
        loses its outer blanks on the way, and is not used.
        """
        headers = {"x-amz-meta-snowball-auto-extract": "true", "x-amz-meta-minio-snowball-ignore-errors": "true"}
        self._session.request(
            f"upload small files as {bucket}/{name}", "PUT", bucket, name, headers=headers, body=archive
        )
