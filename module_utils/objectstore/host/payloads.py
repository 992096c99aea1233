"""The importer of Ansible's archives (``payload_importer``) as two files in an environment."""

from __future__ import annotations

import pkgutil
from hashlib import sha256
from pathlib import Path
from typing import Optional

from ..files.textfile import read_text_file, write_text_file
from . import payload_importer

#: The module's name in the environment.
NAME = "geocrop_payloads"

#: A line that each Python of the environment runs when it starts (the ``site`` module's rule for ``*.pth``).
START = f"import {NAME}; {NAME}.install()\n".encode()


def wanted_importer() -> str:
    """What ``read_importer`` returns where the importer is there and of this version."""
    return _digest(_text(), START)


def read_importer(site: Path) -> Optional[str]:
    """A digest of both files in ``site`` (the environment's ``site-packages``); ``None`` where one is missing.

    :raises SourceError: where one of them cannot be read
    """
    text, start = (read_text_file(str(path)).content for path in _files(site))
    return None if text is None or start is None else _digest(text, start)


def install_importer(site: Path) -> None:
    """Write both files; the line that starts it comes last.

    :raises SourceError: where one of them cannot be written
    """
    module, start = _files(site)
    write_text_file(str(module), _text())
    write_text_file(str(start), START)


def _files(site: Path) -> tuple[Path, Path]:
    return site / f"{NAME}.py", site / f"{NAME}.pth"


def _text() -> bytes:
    # the import above makes Ansible send the file along
    text = pkgutil.get_data(payload_importer.__name__.rpartition(".")[0], "payload_importer.py")
    assert text is not None, "every importer of Ansible's archives can read them"
    return text


def _digest(*parts: bytes) -> str:
    return sha256(b"\0".join(parts)).hexdigest()
