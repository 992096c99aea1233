"""The SDK's client for the admin API, and the ciphers of its messages."""

from __future__ import annotations

from ...s3.sdk import stand_in

__all__ = ["COMMAND", "MinioAdmin", "StaticProvider", "crypto", "decrypt", "encrypt"]

try:
    from minio import crypto
    from minio.credentials.providers import StaticProvider
    from minio.crypto import decrypt, encrypt
    from minio.minioadmin import _COMMAND as COMMAND
    from minio.minioadmin import MinioAdmin
except ImportError:  # the session says so
    __getattr__ = stand_in
