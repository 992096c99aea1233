"""The versions of tools and servers, in one place. Python packages are pinned in ``requirements/``."""

from __future__ import annotations

from dataclasses import dataclass

#: MinIO's go.mod asks for it; an older toolchain on PATH is passed over.
OLDEST_GO = (1, 24)


@dataclass(frozen=True)
class GoTool:
    """A program that ``go install`` builds.

    ``variable`` names the environment variable that points to a ready binary, ``minutes`` says how
    long a build takes on two cores.
    """

    name: str
    module: str
    version: str
    variable: str
    minutes: str


#: Of crates.io, built by ``cargo install``.
GARAGE = "2.5.0"

#: Of Maven's central repository, and the SHA-256 of its jar with all that it needs.
S3PROXY = "2.6.0"
S3PROXY_SHA256 = "12e5e88d805cfed07f7d88b4a44a0d8ecb9f9d3cebeb544bb34fbc4ded1049d8"

#: Debian 12's; nothing pins it but the release.
CEPH = "16.2.15"

MINIO = GoTool(
    name="minio",
    module="github.com/minio/minio",
    version="v0.0.0-20260212201848-7aac2a2c5b7c",
    variable="MINIO_BIN",
    minutes="3 to 4 minutes",
)
MC = GoTool(
    name="mc",
    module="github.com/minio/mc",
    version="v0.0.0-20250313080218-cf909e1063a9",
    variable="MC_BIN",
    minutes="1 to 2 minutes",
)
VERSITYGW = GoTool(
    name="versitygw",
    module="github.com/versity/versitygw/cmd/versitygw",
    version="v1.8.0",
    variable="VERSITYGW_BIN",
    minutes="1 to 2 minutes",
)
TOOLS = {tool.name: tool for tool in (MINIO, MC, VERSITYGW)}
