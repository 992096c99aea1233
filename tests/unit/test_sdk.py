"""What a module imports of the SDK, and what it says where the library is missing: each in a Python of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.paths import MODULE_UTILS

PREPARE = f"""
import sys
import ansible.module_utils
ansible.module_utils.__path__.append({str(MODULE_UTILS)!r})
"""
CONNECTION = "Connection('http://127.0.0.1:9', 'someone', 'some secret')"


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", PREPARE + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_what_objects_take_is_imported_without_the_ciphers_of_the_admin_api() -> None:
    loaded = python(
        "from ansible.module_utils.objectstore.servers.store import Store\n"
        "from ansible.module_utils.objectstore.values.model import Connection\n"
        f"Store({CONNECTION})\n"
        "print(*sorted(sys.modules))"
    ).split()
    assert "minio.api" in loaded
    for name in ("minio.minioadmin", "minio.crypto", "minio.select", "Crypto", "argon2", "cffi"):
        assert name not in loaded


@pytest.mark.parametrize("first", ["objectstore.servers.administered", "objectstore.servers.store"])
def test_the_admin_api_has_the_real_client(first: str) -> None:
    said = python(
        f"import ansible.module_utils.{first}\n"
        "from ansible.module_utils.objectstore.servers.administered import AdministeredStore\n"
        "from ansible.module_utils.objectstore.values.model import Connection\n"
        f"store = AdministeredStore({CONNECTION})\n"
        "print('_admin' in vars(store), type(store._admin).__base__.__module__, callable(store._admin.user_info))"
    )
    assert said == "False minio.minioadmin True"


def test_parts_that_were_put_off_can_still_be_imported() -> None:
    said = python(
        "from ansible.module_utils.objectstore.s3 import sdk\n"
        "from minio.lifecycleconfig import LifecycleConfig\n"
        "from minio import select\n"
        "print(LifecycleConfig([]).rules, select.SelectRequest.__module__)"
    )
    assert said == "[] minio.select"


def test_an_sdk_that_is_loaded_already_is_taken_as_it_is() -> None:
    said = python("import minio\nfrom ansible.module_utils.objectstore.s3 import sdk\nprint(sdk.Minio is minio.Minio)")
    assert said == "True"


@pytest.mark.parametrize("kind", ["store.Store", "administered.AdministeredStore"])
@pytest.mark.parametrize("missing", ["minio", "urllib3"])
def test_a_missing_library_is_named_with_what_to_do(kind: str, missing: str) -> None:
    module, name = kind.split(".")
    said = python(
        f"sys.modules[{missing!r}] = None\n"
        f"from ansible.module_utils.objectstore.servers.{module} import {name}\n"
        "from ansible.module_utils.objectstore.values.errors import MissingLibraryError\n"
        "from ansible.module_utils.objectstore.values.model import Connection\n"
        "try:\n"
        f"    {name}({CONNECTION})\n"
        "except MissingLibraryError as error:\n"
        "    print(error)"
    )
    assert said.startswith("Could not talk to a store: the Python library minio is missing on this host (")
    assert said.endswith("have the role control_plane make an environment.")
