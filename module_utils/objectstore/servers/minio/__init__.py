"""MinIO beyond S3: its admin API, bundles of small files, and what its configuration offers."""
