"""Many small files in one request: MinIO unpacks a tar into objects."""

from __future__ import annotations

from ...s3.session import Session


class Bundles:
    """The verb of ``store.ArchiveSender``."""

    _session: Session

    def write_bundle(self, bucket: str, prefix: str, archive: bytes) -> None:
        """Have MinIO unpack ``archive`` below ``prefix``; entries that it cannot write are left out."""
        headers = {
            "x-amz-meta-snowball-auto-extract": "true",
            "x-amz-meta-minio-snowball-prefix": prefix,
            "x-amz-meta-minio-snowball-ignore-errors": "true",
        }
        self._session.request(
            f"upload small files to {bucket}/{prefix}",
            "PUT",
            bucket,
            f"{prefix}bundle.tar",
            headers=headers,
            body=archive,
        )
