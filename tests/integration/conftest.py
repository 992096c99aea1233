"""A real MinIO, a second client, a proxy that counts and harms, and runners of modules and playbooks."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.errors import SupportError
from tests.support.mc import Mc
from tests.support.modules import run_module as run_module_file
from tests.support.playbooks import PlaybookResult
from tests.support.playbooks import run_playbook as run_playbook_file
from tests.support.programs import search_path
from tests.support.proxy import Proxy, running_proxy
from tests.support.sample_data import SampleOptions, make_sample_data
from tests.support.server import ServerOptions, start_server, stop_server
from tests.support.state import Server, save_state, server_from_environment
from tests.support.stores import OPTIONAL, STORES, too_much

#: Mark of the files whose tests meet the server with TLS; ``mc``, ``proxy`` and ``run_module`` follow. Without TLS
#: the same modules are met by the tests of roles and playbooks.
OVER_TLS = pytest.mark.parametrize("minio", ["https"], indirect=True, scope="session")

#: What events can go to on ``target_minio``.
TARGET = "arn:minio:sqs::W:webhook"

#: How a skip begins that is told again at the end of a run, so that nobody takes it for a pass.
NOT_TESTED = "NOT TESTED:"

StartMinio = Callable[..., Server]
RunModule = Callable[..., dict[str, Any]]
RunPlaybook = Callable[..., PlaybookResult]


# programs that were unpacked for the tests, such as ssh, are found by what the tests start
os.environ["PATH"] = search_path()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly which store was not tested."""
    reasons = {report.longrepr[2] for report in terminalreporter.stats.get("skipped", []) if report.longrepr}
    for reason in sorted(reason for reason in reasons if NOT_TESTED in reason):
        terminalreporter.section("a store could not be had", sep="!", red=True)
        terminalreporter.write_line(reason, red=True)


def kms_key() -> str:
    """A value of MINIO_KMS_SECRET_KEY, which SSE-S3 and SSE-KMS need."""
    return f"test-key:{base64.b64encode(secrets.token_bytes(32)).decode()}"


@pytest.fixture(scope="session")
def start_minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartMinio]:
    """Start another server: ``start_minio(tls=True, environment={...})``. All are stopped at the end."""
    started: list[Server] = []

    def start(*, tls: bool = False, environment: Mapping[str, str] | None = None) -> Server:
        settings = {"MINIO_KMS_SECRET_KEY": kms_key(), **(environment or {})}
        options = ServerOptions(environment=settings, tls=tls, die_with_parent=True)
        server = start_server(tmp_path_factory.mktemp("minio"), options)
        started.append(server)
        return server

    yield start
    for server in started:
        stop_server(server)


@pytest.fixture(scope="session")
def http_minio(start_minio: StartMinio) -> Server:
    """The session's server, with a KMS key; the one that MINIO_ENDPOINT names where it is set."""
    return server_from_environment() or start_minio()


@pytest.fixture(scope="session")
def tls_minio(start_minio: StartMinio) -> Server:
    """A server with https and a certificate of an own authority, ``server.ca_cert``; started when first asked for."""
    return start_minio(tls=True)


@pytest.fixture(scope="session")
def target_minio(start_minio: StartMinio) -> Server:
    """A server with a target of events, ``TARGET``, where nobody listens; started when first asked for."""
    webhook = {"MINIO_NOTIFY_WEBHOOK_ENABLE_W": "on", "MINIO_NOTIFY_WEBHOOK_ENDPOINT_W": "http://127.0.0.1:9/nobody"}
    return start_minio(environment=webhook)


@pytest.fixture(scope="session")
def minio(request: pytest.FixtureRequest) -> Server:
    """``http_minio``, and ``tls_minio`` where a test file says ``pytestmark = OVER_TLS``."""
    server: Server = request.getfixturevalue("tls_minio" if getattr(request, "param", "") == "https" else "http_minio")
    return server


@pytest.fixture(scope="session")
def other(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Another store than MinIO, by its name: a test asks for it by ``indirect``."""
    name: str = request.param
    if reason := too_much(name):
        pytest.skip(f"{NOT_TESTED} {name}: {reason}")
    with ExitStack() as running:
        try:
            server = running.enter_context(STORES[name](tmp_path_factory.mktemp(name)))
        except SupportError as error:
            if name not in OPTIONAL:
                raise
            pytest.skip(f"{NOT_TESTED} {name}: {error}")
        yield server


@pytest.fixture(scope="session")
def mc(minio: Server, tmp_path_factory: pytest.TempPathFactory) -> Mc:
    """The other client, bound to ``minio``."""
    return Mc.connect(minio, tmp_path_factory.mktemp("mc"))


@pytest.fixture
def proxy(minio: Server) -> Iterator[Proxy]:
    """A proxy before ``minio``; ``proxy.server`` is the server as seen through it."""
    with running_proxy(minio) as running:
        yield running


@pytest.fixture
def bucket_name(mc: Mc) -> Iterator[str]:
    """A name that no other test uses; the bucket is removed afterwards if the test made it."""
    name = f"test-{secrets.token_hex(6)}"
    yield name
    mc.remove_bucket(name)


@pytest.fixture
def bucket(mc: Mc, bucket_name: str) -> str:
    """An empty bucket of the test's own."""
    mc.make_bucket(bucket_name)
    return bucket_name


@pytest.fixture
def run_module(minio: Server) -> RunModule:
    """``run_module(name, params, check=False, diff=False, server=None, …)`` -> the module's JSON result.

    The connection options are those of ``server`` (default ``minio``; ``proxy.server`` goes through the
    proxy); what ``params`` says wins over them. A traceback fails the test.
    """

    def run(name: str, params: Mapping[str, Any], *, server: Server | None = None, **options: Any) -> dict[str, Any]:
        return run_module_file(name, {**(server or minio).module_options, **params}, **options)

    return run


@pytest.fixture(scope="session")
def sample_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample data, small (about 20 KB a COG). Read only: a test that changes files copies them first."""
    dest = tmp_path_factory.mktemp("sample") / "data"
    make_sample_data(dest, SampleOptions(cog_size=20 * 1024, partial=True))
    return dest


@pytest.fixture
def run_playbook(minio: Server, tmp_path: Path) -> RunPlaybook:
    """``run_playbook(playbook, inventory=…, extra_vars=…, check=…, diff=…, args=())`` -> PlaybookResult.

    ``inventory/demo`` reaches ``minio`` (or ``server=``): its connection is read from the folder that
    GEOCROP_DEMO_STATE names, here one of the test's own.
    """

    def run(playbook: str | Path, *, server: Server | None = None, **options: Any) -> PlaybookResult:
        state = tmp_path / "state"
        save_state(state, server or minio)
        environment = {"GEOCROP_DEMO_STATE": str(state), **options.pop("environment", {})}
        return partial(run_playbook_file, workdir=tmp_path / "ansible")(playbook, environment=environment, **options)

    return run
