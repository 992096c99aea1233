"""An importer that keeps the compiled code of what Ansible sends to a host, as Python does for files.

Each task brings Ansible's own modules and ours along in an archive. Python's ``zipimport`` compiles each of them twice
(to tell its file name, and to run it) and forgets both, in every task. This one compiles a source once: its code is
kept by name in the environment that it is installed in, and used as long as it is of the same source and by the same
Python, by the rule of Python's hash-based ``.pyc`` files (PEP 552).

The text of this file is installed into the environment as it stands, so it needs nothing but the standard library.
Before Python 3.10 ``zipimport`` does not ask for code, and this does nothing.
"""

from __future__ import annotations

import marshal
import os
import sys
from importlib.util import source_hash
from types import CodeType
from typing import Optional
from zipimport import zipimporter

#: How the archives are called that Ansible sends.
ARCHIVE = "_payload.zip"

#: Where code is kept, for this user alone; what runs as another user is compiled each time.
FOLDER = os.path.join(sys.prefix, "payloads")

#: Bytes of the hash of a source, keyed by the version of Python's byte code.
STAMP = 8


class PayloadImporter(zipimporter):
    """As ``zipimporter``, for Ansible's archives alone, with kept code."""

    def __init__(self, path: str) -> None:
        """Raises ImportError for what is no archive of Ansible's, so that the next importer is asked."""
        if ARCHIVE not in path:
            raise ImportError(f"{path} is no archive of Ansible")
        super().__init__(path)

    def get_filename(self, fullname: str) -> str:
        """The place in the archive, without compiling what is there."""
        ending = f"{os.sep}__init__.py" if self.is_package(fullname) else ".py"
        return os.path.join(self.archive, self.prefix + fullname.rpartition(".")[2] + ending)

    def get_code(self, fullname: str) -> CodeType:
        """The code that was kept for this source, or compiled now and kept."""
        filename = self.get_filename(fullname)
        source = self.get_data(filename)
        kept, stamp = os.path.join(FOLDER, f"{fullname}.pyc"), source_hash(source)
        code = _read(kept, stamp)
        if code is None:
            # named as in the archive, whose folder is another one each time
            code = compile(source, os.path.relpath(filename, self.archive), "exec", dont_inherit=True)
            _write(kept, stamp + marshal.dumps(code))
        return code


def _read(kept: str, stamp: bytes) -> Optional[CodeType]:
    try:
        with open(kept, "rb") as file:
            if file.read(STAMP) == stamp:
                code = marshal.load(file)  # noqa: S302  # this environment's own, as its .pyc files are
                return code if isinstance(code, CodeType) else None
    except (OSError, EOFError, ValueError, TypeError):
        pass
    return None


def _write(kept: str, data: bytes) -> None:
    """Keep it for the next task. Where that is not possible, the next one compiles again."""
    beside = f"{kept}.{os.getpid()}"
    try:
        os.makedirs(FOLDER, mode=0o700, exist_ok=True)
        with open(beside, "wb") as file:
            file.write(data)
        os.replace(beside, kept)
    except OSError:
        pass


def install() -> None:
    """Ask this importer first. Called by each Python of the environment that starts."""
    if sys.version_info >= (3, 10):
        sys.path_hooks.insert(0, PayloadImporter)
