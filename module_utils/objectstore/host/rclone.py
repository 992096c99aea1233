"""A remote in rclone's configuration, which has both keys of an S3 store as they are: it obscures passwords alone."""

from __future__ import annotations

import posixpath
import re
from typing import Optional

from ..files.textfile import read_text_file
from ..values.errors import InvalidInputError, SourceError
from ..values.model import Connection
from .clientfiles import ClientFile, given_authority

#: The beginning of a file that is encrypted as a whole (fs/config/crypt.go), after its comment.
_ENCRYPTED = "RCLONE_ENCRYPT_V"

#: What its reader takes for something else (measured): quotes around a value, the name of another, the end of a line.
_MISREAD = re.compile(r'\A(?:`|""")|%\(|[\x00-\x1f\x7f]|\A\s|\s\Z')

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@-]*")


def remote_files(connection: Connection, path: str, remote: str, provider: str) -> list[ClientFile]:
    """The configuration of rclone with ``remote``, after the authority of the store where that was given as text.

    Other remotes stay as they are written.

    :raises InvalidInputError: for a name or a credential that the configuration has no form for
    :raises SourceError: where the present configuration is none that can be added to
    """
    attempted = f"write the rclone remote {remote!r} to {path}"
    if not _NAME.fullmatch(remote):
        raise InvalidInputError(attempted, "rclone takes letters, digits, '_', '.', '+', '@' and '-', a letter first")
    beside = posixpath.join(posixpath.dirname(path), f"{remote}.crt")
    authority = given_authority(connection, beside, "rclone authority")
    values = _values(connection, provider, authority.path if authority else connection.ca_cert)
    for name, value in values.items():
        if _MISREAD.search(value):
            raise InvalidInputError(
                attempted,
                f"its configuration has no form for this {name}, with quotes or a blank around it or %( in it",
                "Use other credentials for people.",
            )
    content = _with_section(_text_of(attempted, path), remote, values)
    file = ClientFile("rclone remote", path, content.encode(), {"remote": remote, "url": connection.endpoint})
    return [authority, file] if authority else [file]


def _values(connection: Connection, provider: str, authority: Optional[str]) -> dict[str, str]:
    """The section of a remote. Former versions pass over ``override.``, which sets a global option for this remote."""
    values = {
        "type": "s3",
        "provider": provider,
        "endpoint": connection.endpoint,
        "region": connection.region,
        "access_key_id": connection.access_key,
        "secret_access_key": connection.secret_key,
        "session_token": connection.session_token,
        "override.ca_cert": authority,
    }
    return {name: value for name, value in values.items() if value}


def _text_of(attempted: str, path: str) -> str:
    try:
        text = (read_text_file(path).content or b"").decode()
    except UnicodeDecodeError:
        raise SourceError(attempted, "what is there is no configuration of rclone's", "Move it away.") from None
    if _ENCRYPTED in text:
        raise SourceError(
            attempted, "it is encrypted by a password", "Name another file, as control_plane_rclone_config."
        )
    return text


def _with_section(text: str, remote: str, values: dict[str, str]) -> str:
    """The text with this section in the place of a former one of its name, else at its end."""
    wanted = "".join((f"[{remote}]\n", *(f"{name} = {value}\n" for name, value in values.items()), "\n"))
    parts = re.split(r"(?m)^(?=\[)", text)
    own = [number for number, part in enumerate(parts) if part.partition("\n")[0].strip() == f"[{remote}]"]
    if not own:
        end = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
        return text + end + wanted
    if [_values_in(parts[number]) for number in own] == [values]:
        return text
    return "".join(wanted if number == own[0] else part for number, part in enumerate(parts) if number not in own[1:])


def _values_in(section: str) -> dict[str, str]:
    lines = [line for line in section.splitlines()[1:] if line.strip() and line.lstrip()[0] not in "#;"]
    pairs = [line.partition("=") for line in lines]
    return {name.strip(): value.strip() for name, _, value in pairs}
