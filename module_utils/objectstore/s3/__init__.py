"""What any S3 server speaks: sessions, listings, objects, buckets, versions.

``sdk.py`` is the only importer of the SDK (``minio``) beside ``servers/minio``; its errors are translated here, once.
"""
