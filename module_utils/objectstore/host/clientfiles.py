"""What other programs of the host know of the store: an alias of mc's, a remote of rclone's, a file of variables.

They hold the secret, so they are readable by their owner only, and a plan never shows more than that it differs.
"""

from __future__ import annotations

import json
import posixpath
import shlex
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Optional

from ..files.textfile import TextFile, check_writable, read_text_file, write_text_file
from ..values.change import Action, Plan, update
from ..values.errors import InvalidInputError, SourceError
from ..values.model import Connection, JsonDict

PRIVATE = 0o600

#: Of mc's configuration file; source: mc writes it so since 2018.
_MC_VERSION = "10"


@dataclass(frozen=True)
class ClientFile:
    """A file as wanted: ``content`` holds the secret, ``shown`` is what may be seen of it."""

    subject: str
    path: str
    content: bytes
    shown: Mapping[str, Any]


def alias_file(connection: Connection, folder: str, alias: str) -> ClientFile:
    """The configuration of mc with ``alias`` for this store; other aliases stay as they are.

    :raises InvalidInputError: for a name that mc does not take
    :raises SourceError: where the present configuration is not mc's
    """
    if not alias.replace("-", "").replace("_", "").isalnum() or not alias[0].isalpha():
        raise InvalidInputError(
            f"write the mc alias {alias!r}", "mc takes letters, digits, '-' and '_', a letter first"
        )
    path = posixpath.join(folder, "config.json")
    present = read_text_file(path).content
    empty: JsonDict = {"version": _MC_VERSION, "aliases": {}}
    document = _parsed(path, present) if present and present.strip() else empty
    entry = {
        "url": connection.endpoint,
        "accessKey": connection.access_key,
        "secretKey": connection.secret_key,
        "api": "S3v4",
        "path": "auto",
    }
    if connection.session_token:
        entry["sessionToken"] = connection.session_token
    before = document["aliases"].get(alias)
    document["aliases"][alias] = entry
    # what is the same already stays as it is written: mc has an order and indentation of its own
    content = present if before == entry and present else (json.dumps(document, indent="\t") + "\n").encode()
    return ClientFile("mc alias", path, content, {"alias": alias, "url": connection.endpoint})


def authority_file(connection: Connection, folder: str, alias: str) -> Optional[ClientFile]:
    """The authority that mc is to trust, in the place where it looks; ``None`` where there is none.

    :raises SourceError: where the file that was named is not there
    """
    path = posixpath.join(folder, "certs", "CAs", f"{alias}.crt")
    given = connection.ca_cert
    if not given or _is_certificate(given):
        return given_authority(connection, path, "mc authority")
    content = read_text_file(given).content
    if content is None:
        raise SourceError(f"use the CA certificate {given}", "there is no such file on this host")
    return ClientFile("mc authority", path, content, {"path": path})


def given_authority(connection: Connection, path: str, subject: str) -> Optional[ClientFile]:
    """A file for the authority that was given as text; ``None`` where none was."""
    given = connection.ca_cert
    return ClientFile(subject, path, given.encode(), {"path": path}) if given and _is_certificate(given) else None


def _is_certificate(given: str) -> bool:
    return "-----BEGIN" in given


def environment_file(connection: Connection, path: str) -> ClientFile:
    """Shell assignments of what the worker and scripts read, for ``set -a; . FILE``."""
    variables = {
        "MINIO_ENDPOINT": connection.endpoint,
        "MINIO_ACCESS_KEY": connection.access_key,
        "MINIO_SECRET_KEY": connection.secret_key,
        "MINIO_SESSION_TOKEN": connection.session_token,
    }
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in variables.items() if value]
    return ClientFile(
        "environment file", path, "".join(lines).encode(), {"path": path, "endpoint": connection.endpoint}
    )


def plan_client_files(files: list[ClientFile]) -> Plan:
    """What differs of each file.

    :raises SourceError: where one cannot be read or written
    """
    actions: tuple[Action, ...] = ()
    for file in files:
        seen = read_text_file(file.path)
        action = update(file.subject, _shown_before(seen, file), dict(file.shown))
        if action:
            check_writable(file.path)
        actions += action
    return Plan("clients of the store", actions)


def apply_client_files(plan: Plan, files: list[ClientFile]) -> Iterator[Action]:
    """Write what the plan names; yields each action that is done."""
    by_subject = {file.subject: file for file in files}
    for action in plan.actions:
        file = by_subject[action.subject]
        write_text_file(file.path, file.content, mode=PRIVATE)
        yield action


def _shown_before(seen: TextFile, file: ClientFile) -> Optional[dict[str, Any]]:
    if seen.content is None:
        return None
    before = dict(file.shown)
    if seen.content != file.content:
        before["content"] = "differs"
    if seen.mode is not None and seen.mode & ~PRIVATE:
        before["mode"] = f"{seen.mode:04o}"
    return before


def _parsed(path: str, content: bytes) -> JsonDict:
    attempted = f"write an alias to {path}"
    try:
        document: JsonDict = json.loads(content)
        if isinstance(document["aliases"], dict):
            return document
    except (ValueError, KeyError, TypeError):
        pass
    raise SourceError(attempted, "it is no configuration of mc's", "Move it away, or set control_plane_mc_config.")
