"""MinIO's own client as the second pair of eyes: what a module did is read back by another program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from .binaries import mc_binary
from .errors import SupportError
from .state import Server

ALIAS = "t"


@dataclass(frozen=True)
class Mc:
    """``mc`` bound to one server, with a configuration folder of its own.

    Credentials travel in the environment variable that mc reads an alias from, never in argv.
    Targets are ``bucket`` or ``bucket/key``, without an alias.
    """

    server: Server
    config: Path
    binary: Path

    @classmethod
    def connect(cls, server: Server, config: Path) -> Mc:
        """An ``Mc`` for ``server``; mc is found or built, ``config`` is made."""
        authorities = config / "certs" / "CAs"
        authorities.mkdir(parents=True, exist_ok=True)
        if server.ca_cert:
            shutil.copyfile(server.ca_cert, authorities / "server.crt")
        return cls(server=server, config=config, binary=mc_binary())

    def run(self, *arguments: str, check: bool = True) -> list[dict[str, Any]]:
        """Run ``mc --json <arguments>`` and return its JSON documents.

        Write a target as ``t/bucket/key`` here. With ``check`` an error is a SupportError with mc's message;
        without, the documents tell (``status`` is ``error``).
        """
        done = self._call(["--json", *arguments])
        documents = _documents(done.stdout.decode() + done.stderr.decode())
        if check and done.returncode:
            raise SupportError(f"mc {' '.join(arguments)}: {_message(documents)}")
        return documents

    def cat(self, target: str, *, version: str | None = None) -> bytes:
        """The content of an object."""
        chosen = ["--version-id", version] if version else []
        done = self._call(["cat", *chosen, f"{ALIAS}/{target}"])
        if done.returncode:
            raise SupportError(f"mc cat {target}: {done.stderr.decode().strip()}")
        return done.stdout

    def put(
        self, target: str, content: bytes, *, metadata: Mapping[str, str] | None = None, part_mib: int = 16
    ) -> None:
        """Write an object from memory, by ``mc pipe``: multipart with ``part_mib`` where the content is larger."""
        attributes = ["--attr", ";".join(f"{k}={v}" for k, v in metadata.items())] if metadata else []
        done = self._call(
            ["--json", "pipe", "--part-size", f"{part_mib}MiB", *attributes, f"{ALIAS}/{target}"], content
        )
        if done.returncode:
            raise SupportError(f"mc pipe {target}: {_message(_documents(done.stdout.decode()))}")

    def copy(self, source: Path, target: str, *options: str) -> None:
        """Upload a file with ``mc cp``, or a folder with the option ``--recursive``."""
        self.run("cp", *options, str(source), f"{ALIAS}/{target}")

    def buckets(self) -> list[str]:
        """All buckets, sorted."""
        return sorted(entry["key"].rstrip("/") for entry in self.run("ls", ALIAS))

    def objects(self, bucket: str, prefix: str = "") -> dict[str, dict[str, Any]]:
        """Key -> entry of the listing (``size`` in bytes, ``etag``, ``lastModified``), in the server's order."""
        base = f"{prefix.rstrip('/')}/" if prefix else ""
        listed = self.run("ls", "--recursive", f"{ALIAS}/{bucket}/{base}", check=False)
        if any(entry.get("status") == "error" for entry in listed):
            raise SupportError(f"mc ls {bucket}/{base}: {_message(listed)}")
        return {base + entry["key"]: entry for entry in listed}

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """The keys below ``prefix``, sorted as bytes."""
        return sorted(self.objects(bucket, prefix), key=str.encode)

    def stat(self, target: str) -> dict[str, Any]:
        """``size``, ``etag``, ``metadata`` (Content-Type, X-Amz-Meta-…) of an object, or what is set on a bucket."""
        document: dict[str, Any] = self.run("stat", f"{ALIAS}/{target}")[0]
        return document

    def exists(self, bucket: str) -> bool:
        """Whether there is such a bucket."""
        return bucket in self.buckets()

    def make_bucket(self, bucket: str, *options: str) -> None:
        """Make a bucket; options such as ``--with-versioning`` or ``--with-lock``."""
        self.run("mb", *options, f"{ALIAS}/{bucket}")

    def remove_bucket(self, bucket: str) -> None:
        """Remove a bucket with all versions of all objects, governed ones too; one that is not there is fine."""
        target = f"{ALIAS}/{bucket}"
        if not self.exists(bucket):
            return
        self.run("rm", "--recursive", "--force", "--versions", "--bypass", target, check=False)
        self.run("rm", "--recursive", "--force", "--incomplete", target, check=False)
        self.run("rb", "--force", target)

    def _call(self, arguments: Iterable[str], content: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MC_", "MINIO_"))}
        environment[f"MC_HOST_{ALIAS}"] = _alias_url(self.server)
        command: list[str | Path] = [self.binary, "--config-dir", self.config, "--quiet", "--no-color", *arguments]
        feed: dict[str, Any] = {"input": content} if content is not None else {"stdin": subprocess.DEVNULL}
        return subprocess.run(command, env=environment, capture_output=True, timeout=600, check=False, **feed)


def _alias_url(server: Server) -> str:
    parts = urlsplit(server.endpoint)
    return f"{parts.scheme}://{quote(server.access_key, safe='')}:{quote(server.secret_key, safe='')}@{parts.netloc}"


def _documents(text: str) -> list[dict[str, Any]]:
    """All JSON objects in ``text``, one a line or spread over lines; anything between them is passed over."""
    decoder, found, position = json.JSONDecoder(), [], text.find("{")
    while position >= 0:
        try:
            document, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError:
            end = position + 1
        else:
            found.append(document)
        position = text.find("{", end)
    return found


def _message(documents: list[dict[str, Any]]) -> str:
    for document in documents:
        error = document.get("error")
        if isinstance(error, dict):
            cause = error.get("cause") or {}
            return f"{error.get('message', '')} {cause.get('message', '')}".strip()
    return "no reason given"
