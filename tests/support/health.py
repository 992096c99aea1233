"""Ask a MinIO server whether it is ready, in bounded time."""

from __future__ import annotations

import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message

from .errors import SupportError

# a proxy that the environment names must not stand between this machine and its own server
_DIRECT = urllib.request.ProxyHandler({})


def probe(endpoint: str, *, ca_cert: str | None = None, region: str | None = None, timeout: float = 2.0) -> str:
    """Empty where the server is ready, else why it is not, in a few words.

    Any S3 server may stand behind ``endpoint``: one that does not know MinIO's path still answers. MinIO calls itself
    ready before it has read its settings, and takes any region until then: it is ready for ``region`` once it names it.
    """
    context = ssl.create_default_context(cafile=ca_cert) if endpoint.startswith("https://") else None
    opener = urllib.request.build_opener(_DIRECT, urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(f"{endpoint.rstrip('/')}/minio/health/ready", timeout=timeout) as answer:
            return _unready(answer.headers, region)
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}" if error.code >= 500 else ""
    except urllib.error.URLError as error:
        return str(error.reason)
    except (OSError, ValueError) as error:
        return str(error) or type(error).__name__


def _unready(headers: Message, region: str | None) -> str:
    if headers.get("x-minio-server-status") == "offline":
        return "it answers, and is offline"
    named = headers.get("x-amz-bucket-region")
    return f"it is in region {named}, not {region}" if region and named != region else ""


def wait_ready(
    endpoint: str,
    *,
    ca_cert: str | None = None,
    region: str | None = None,
    seconds: float = 30.0,
    is_alive: Callable[[], bool] = lambda: True,
) -> None:
    """Return once the server is ready; SupportError after ``seconds``, or as soon as ``is_alive`` says no."""
    until = time.monotonic() + seconds
    while True:
        problem = probe(endpoint, ca_cert=ca_cert, region=region)
        if not problem:
            return
        if not is_alive():
            raise SupportError(f"{endpoint}: the server ended before it was ready")
        if time.monotonic() > until:
            raise SupportError(f"{endpoint}: no answer within {seconds:.0f} s ({problem})")
        time.sleep(0.05)
