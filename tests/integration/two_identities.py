"""The role access with two identities of a server of its own, and their proof: what tests of places of secrets run."""

from __future__ import annotations

from pathlib import Path

from tests.integration.conftest import StartMinio
from tests.support.mc import Mc
from tests.support.server import Server

IDENTITIES = [
    {"name": "worker", "rights": [{"bucket": "maps", "can": ["list", "read"]}]},
    {"name": "writer", "rights": [{"bucket": "maps", "prefix": "out/", "can": ["write"]}]},
]

PLAY = """
- hosts: control_plane
  gather_facts: false
  roles: [access]
  tasks:
    - name: Prove the rights of each identity
      ansible.builtin.import_role: {name: access, tasks_from: prove}
"""


def start_store(start_minio: StartMinio, folder: Path) -> Server:
    """A server with the bucket that the rights are about."""
    server = start_minio()
    Mc.connect(server, folder / "mc").make_bucket("maps")
    return server
