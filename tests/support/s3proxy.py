"""S3Proxy over a folder: a jar of Maven's central repository, fetched once, and checked."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from .daemons import named_server, start
from .errors import SupportError
from .locks import file_lock, write_private
from .paths import CACHE
from .patience import last_lines, run_patiently
from .ports import free_ports
from .programs import find_program
from .state import Server
from .versions import S3PROXY, S3PROXY_SHA256

_ARTIFACT = f"org.gaul:s3proxy:{S3PROXY}:jar:jar-with-dependencies"
_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
_FOLDER = CACHE / "s3proxy"
_JAR = _FOLDER / f"s3proxy-{S3PROXY}-jar-with-dependencies.jar"

_SETTINGS = """\
s3proxy.endpoint=http://127.0.0.1:{port}
s3proxy.authorization=aws-v4
s3proxy.identity={server.access_key}
s3proxy.credential={server.secret_key}
jclouds.provider=filesystem-nio2
jclouds.identity=unused
jclouds.credential=unused
jclouds.filesystem.basedir={data}
"""

#: The one key as the one identity, which may do everything there is.
_EVERYTHING = {
    "name": "geocrop-worker",
    "purpose": "everything: S3Proxy has one key",
    "rights": [
        {"bucket": f"geocrop-{name}", "can": ["list", "read", "write", "delete"]}
        for name in ("models", "baselines", "results", "datasets")
    ],
}
_VARIABLES = {
    "access_backend": "given",
    "access_identities": [_EVERYTHING],
    **dict.fromkeys(
        ("baselines_identity", "datasets_identity", "acceptance_worker", "acceptance_signer"), _EVERYTHING["name"]
    ),
}


def is_had() -> bool:
    """Whether it is here: S3PROXY_JAR names it, or it was fetched before; and there is a java."""
    return bool(find_program("java")) and ("S3PROXY_JAR" in os.environ or _JAR.exists())


def start_s3proxy(folder: Path, *, die_with_parent: bool) -> Server:
    """S3Proxy with its one key, fetched where it is not here."""
    java, jar = _java(), _jar()
    (port,) = free_ports(1)
    server = replace(named_server("s3proxy", port), variables=_VARIABLES)
    data, settings = folder / "s3proxy-data", folder / "s3proxy.conf"
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(settings, _SETTINGS.format(port=port, server=server, data=data.resolve()))
    # files that others may read are objects that are open to everybody
    command: list[str | Path] = [
        "sh",
        "-c",
        'umask 077; exec "$@"',
        "s3proxy",
        java,
        "-Xmx512m",
        f"-Djava.io.tmpdir={folder}",
        "-jar",
        jar,
        "--properties",
        settings,
    ]
    return start(server, command, folder=folder, environment={"LOG_LEVEL": "warn"}, die_with_parent=die_with_parent)


def _java() -> Path:
    found = find_program("java")
    if found is None:
        raise SupportError("s3proxy: there is no java; on Debian and Ubuntu: apt-get install default-jre-headless")
    return found


def _jar() -> Path:
    """The jar that S3PROXY_JAR names, else that of the cache, which Maven fetches."""
    if named := os.environ.get("S3PROXY_JAR"):
        if not Path(named).is_file():
            raise SupportError(f"S3PROXY_JAR={named} is not a file; correct it or unset it")
        return Path(named)
    with file_lock(CACHE / "s3proxy.lock", waiting="s3proxy: waiting for another process that fetches it"):
        if not _JAR.exists():
            _fetch()
    return _JAR


def _fetch() -> None:
    maven = find_program("mvn")
    if maven is None:
        raise SupportError(
            f"s3proxy: there is no mvn to fetch it with; on Debian and Ubuntu: apt-get install maven; or have "
            f"{_ARTIFACT} by other means, and name it in S3PROXY_JAR"
        )
    fetched = _FOLDER / "fetched"
    try:
        done = run_patiently(
            [
                *(maven, "-q", "-B", f"-Dmaven.repo.local={_FOLDER / 'maven'}", f"{_PLUGIN}:copy"),
                *(f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={fetched}"),
            ],
            doing=f"s3proxy: fetching {S3PROXY}",
        )
        if done.returncode:
            raise SupportError(f"s3proxy: Maven could not fetch {_ARTIFACT}\n{last_lines(done.stdout)}")
        found = sha256((fetched / _JAR.name).read_bytes()).hexdigest()
        if found != S3PROXY_SHA256:
            raise SupportError(f"s3proxy: the SHA-256 of {_ARTIFACT} is {found}, not {S3PROXY_SHA256}")
        (fetched / _JAR.name).replace(_JAR)
    finally:
        for folder in (fetched, _FOLDER / "maven"):
            shutil.rmtree(folder, ignore_errors=True)
