"""The SDK's exceptions, translated once into the engine's."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import Iterator
from urllib.parse import urlsplit
from xml.etree import ElementTree

from ..values import errors
from ..values.endpoint import CLUSTER_SUFFIXES, shown_address
from .pace import TooSlowError
from .permissions import needs_of
from .sdk import InvalidResponseError, MinioAdminException, S3Error, ServerError, http

_ALSO_A_FOLDER = "This store keeps objects as files, so that no key can be the folder of another: rename one of them."

_HINTS = {
    "InvalidAccessKeyId": "The store does not know this access key: check MINIO_ACCESS_KEY.",
    "SignatureDoesNotMatch": "The secret key is wrong: check MINIO_SECRET_KEY.",
    "RequestTimeTooSkewed": "Set this host's clock (for example with chrony or systemd-timesyncd).",
    "kms:KeyNotFound": "Create the key in the server's key management service, or name one that is there (kms_key).",
    "XMinioIAMActionNotAllowed": "The name is that of an access key, not of a user: choose another.",
    "XMinioIAMPolicyInUse": "Detach it from its users and groups first.",
    "XMinioAdminGroupNotEmpty": "A user joined it in the meantime: run this again.",
    "ObjectParentIsFile": _ALSO_A_FOLDER,
    "ExistingObjectIsDirectory": _ALSO_A_FOLDER,
    "PreconditionFailed": "Somebody else wrote it in the meantime: run this again.",
    "XMinioStorageFull": "The store's disks are full.",
}

_KINDS: dict[str, type[errors.ObjectStoreError]] = {
    "InvalidAccessKeyId": errors.CredentialsError,
    "SignatureDoesNotMatch": errors.WrongSecretError,
    "RequestTimeTooSkewed": errors.CredentialsError,
    "ExpiredToken": errors.CredentialsError,
    "InvalidTokenId": errors.CredentialsError,
    "AccessDenied": errors.AccessDeniedError,
    "AllAccessDisabled": errors.AccessDeniedError,
    "XMinioInvalidIAMCredentials": errors.NotFoundError,
    "XMinioIAMActionNotAllowed": errors.ConflictError,
    "XMinioIAMPolicyInUse": errors.ConflictError,
    "XMinioAdminGroupNotEmpty": errors.ConflictError,
    "XMinioIAMServiceAccountNotAllowed": errors.ConflictError,
    "NoSuchEntity": errors.NotFoundError,
    "EntityAlreadyExists": errors.ConflictError,
    "XAdminUserExists": errors.ConflictError,
    "XAdminUserNotFound": errors.NotFoundError,
    "NotImplemented": errors.UnsupportedError,
    "NoSuchPolicy": errors.UnsupportedError,  # S3Proxy says it of each bucket, and has no policies (S3ProxyHandler)
    "XMinioAdminNotImplemented": errors.UnsupportedError,
    "MethodNotAllowed": errors.UnsupportedError,
    "BucketNotEmpty": errors.ConflictError,
    "BucketAlreadyExists": errors.ConflictError,
    "BucketAlreadyOwnedByYou": errors.ConflictError,
    "PreconditionFailed": errors.ConflictError,
    "ObjectParentIsFile": errors.ConflictError,
    "ExistingObjectIsDirectory": errors.ConflictError,
    "kms:KeyNotFound": errors.NotFoundError,
    "InvalidBucketState": errors.ConflictError,
    "InvalidBucketName": errors.InvalidInputError,
    "KeyTooLongError": errors.InvalidInputError,
    "BadDigest": errors.VerificationError,
    "XAmzContentChecksumMismatch": errors.VerificationError,
    "XAmzContentSHA256Mismatch": errors.VerificationError,
    "SlowDown": errors.BusyError,
    "SlowDownRead": errors.BusyError,
    "SlowDownWrite": errors.NoQuorumError,  # MinIO's InsufficientWriteQuorum (its cmd/api-errors.go)
    "ServiceUnavailable": errors.BusyError,
    "InternalError": errors.TransientError,
    "RequestTimeout": errors.TransientError,
    "IncompleteBody": errors.TransientError,
    "XMinioServerNotInitialized": errors.TransientError,
}


#: Garage refuses credentials without a code of their own.
_BY_MESSAGE = {"Forbidden: Invalid signature": "SignatureDoesNotMatch", "Forbidden: No such key": "InvalidAccessKeyId"}


def from_code(attempted: str, code: str, message: str, status: int = 0, *, needs: str = "") -> errors.ObjectStoreError:
    """The engine's error for an error code of the S3 API or of MinIO's admin API.

    :param needs: the action that is missing where the request was refused
    """
    if code == "AccessDenied":
        code = next((known for words, known in _BY_MESSAGE.items() if message.startswith(words)), code)
    kind = _KINDS.get(code)
    if kind is None and (code.startswith(("NoSuch", "XMinioAdminNoSuch")) or code.endswith("NotFoundError")):
        kind = errors.NotFoundError
    if kind is None and status == 501:
        kind = errors.UnsupportedError
    if kind is None and status == 503:
        kind = errors.BusyError
    if kind is None and status in (500, 502, 504):
        kind = errors.TransientError
    missing = f"The identity needs {needs}." if needs and kind is errors.AccessDeniedError else ""
    return (kind or errors.ObjectStoreError)(attempted, f"{message} ({code})", _HINTS.get(code, missing))


class RedirectedError(http.HTTPError):
    """The server sends us elsewhere."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.target = shown_address(target)


class UnansweredError(http.HTTPError):
    """A request that may have been carried out got no answer; to repeat it could do its work twice."""


def no_store(what: str, endpoint: str) -> errors.UnreachableError:
    """The engine's error for an answer that is none of the S3 API."""
    return errors.UnreachableError(
        what, f"{endpoint} does not answer as an S3 server", "Check that the endpoint is the S3 API's port."
    )


def redirected(what: str, endpoint: str, target: str) -> errors.UnreachableError:
    """The engine's error for an answer that names another place."""
    return errors.UnreachableError(
        what, f"{endpoint} redirects to {target}", "Set endpoint to the server itself; credentials are not sent on."
    )


@contextmanager
def attempt(what: str, endpoint: str) -> Iterator[None]:
    """Run a call of the SDK; what it raises leaves as an ``ObjectStoreError`` that says ``what`` was attempted."""
    try:
        yield
    except S3Error as error:
        status = int(getattr(error.response, "status", 0))
        message = error.message or "no reason given"
        raise from_code(what, error.code or "", message, status, needs=needs_of(error)) from error
    except MinioAdminException as error:
        raise _from_admin(what, error) from error
    except ServerError as error:
        kind = errors.TransientError if error.status_code >= 500 else errors.ObjectStoreError
        raise kind(what, f"the server answered HTTP {error.status_code}") from error
    except (InvalidResponseError, ElementTree.ParseError, json.JSONDecodeError, OSError) as error:
        raise no_store(what, endpoint) from error
    except RedirectedError as error:
        raise redirected(what, endpoint, error.target) from error
    except UnansweredError as error:
        raise errors.TransientError(what, f"the connection broke ({error})") from error
    except http.HTTPError as error:
        raise unreachable(what, endpoint, error) from error
    except ValueError as error:
        raise errors.InvalidInputError(what, str(error)) from error


@contextmanager
def understanding(what: str, endpoint: str) -> Iterator[None]:
    """Read an answer; one that makes no sense leaves as an ``ObjectStoreError`` that says ``what`` was attempted."""
    try:
        yield
    except (ElementTree.ParseError, ValueError, TypeError, LookupError) as error:
        raise errors.UnreachableError(
            what,
            f"the answer of {endpoint} makes no sense ({str(error) or type(error).__name__})",
            "Check that the endpoint is the S3 API's port.",
        ) from error


def _from_admin(what: str, error: MinioAdminException) -> errors.ObjectStoreError:
    status, body = error._code, str(error._body)
    try:
        answer = json.loads(body)
        code, message = str(answer["Code"]), str(answer["Message"])
    except (ValueError, KeyError, TypeError):
        if str(status).startswith("4") or str(status) == "501":  # MinIO itself always answers JSON
            return errors.UnsupportedError(
                what, "the server has no MinIO admin API", "This setting needs a MinIO server."
            )
        return errors.ObjectStoreError(what, f"the admin API answered HTTP {status}")
    return from_code(what, code, message, needs=needs_of(error))


def unreachable(what: str, endpoint: str, error: Exception) -> errors.UnreachableError:
    """The engine's error for a request that got no usable answer."""
    cause: BaseException = error
    while isinstance(cause, http.MaxRetryError) and cause.reason is not None:
        cause = cause.reason
    text = str(cause)
    if isinstance(cause, http.NameResolutionError):
        return errors.UnreachableError(what, f"the name of {endpoint} does not resolve", _name_hint(endpoint))
    if isinstance(cause, http.SSLError):
        return errors.UnreachableError(what, *_tls(endpoint, text))
    if "refused" in text.lower():
        return errors.UnreachableError(
            what, f"{endpoint} refuses connections", "Check that the server runs and that the port is right."
        )
    if isinstance(cause, (http.ConnectTimeoutError, http.ReadTimeoutError)):
        slow = f" ({cause.__cause__})" if isinstance(cause.__cause__, TooSlowError) else ""
        return errors.UnreachableError(
            what, f"{endpoint} did not answer in time{slow}", "Check the network, or raise timeout."
        )
    return errors.UnreachableError(what, f"the connection to {endpoint} failed ({text})")


def _name_hint(endpoint: str) -> str:
    host = urlsplit(endpoint).hostname or ""
    if not host.endswith(CLUSTER_SUFFIXES):
        return "Check the endpoint or DNS."
    return (
        "Such names resolve inside the cluster only: leave minio_endpoint out (credentials from kubernetes find the"
        " Service's address), or set it to a NodePort or an ingress."
    )


def _tls(endpoint: str, text: str) -> tuple[str, str]:
    if "self-signed" in text or "self signed" in text or "unable to get local issuer" in text:
        return (
            f"the certificate of {endpoint} is from an unknown authority",
            "Set ca_cert to that authority's certificate.",
        )
    if "expired" in text:
        return f"the certificate of {endpoint} has expired", "Renew it on the server."
    if "Hostname mismatch" in text or "doesn't match" in text or "IP address mismatch" in text:
        return f"the certificate of {endpoint} is for another host name", "Use the name that it was issued for."
    if "WRONG_VERSION_NUMBER" in text or "record layer" in text:
        return f"{endpoint} does not speak TLS", "Write http:// if data may travel in clear."
    if "certificate required" in text or "handshake failure" in text or "EOF occurred" in text:
        return f"{endpoint} ended the TLS handshake", "It may ask for a client certificate (client_cert)."
    return f"TLS with {endpoint} failed ({text})", ""
