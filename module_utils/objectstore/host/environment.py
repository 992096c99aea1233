"""A virtual environment of the managed host: what it should hold, what it holds, and the plan between the two.

The host's own Python is left alone (PEP 668): packages only ever go into the environment. It is satisfied
when it was made for the same requirements and still holds what was installed then; that takes one start of
its Python, and pip is not run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence

from ..files.opened import why_not
from ..values.change import Action, Plan, update
from ..values.errors import ConflictError, InvalidInputError, SourceError
from .payloads import install_importer, read_importer, wanted_importer

#: What was installed, kept in the environment itself: ``{"requirements": sha256, "installed": {name: version}}``.
RECORD = "geocrop-environment.json"

#: Temporary environments of check mode.
SCRATCH_PREFIX = "geocrop-check-"

#: Seconds after which a temporary environment that a failed run left behind is removed by the next one.
SCRATCH_LIFE = 6 * 3600.0

_INSPECT = (
    "import json, sys, sysconfig; from importlib import metadata; "
    "print(json.dumps({'version': list(sys.version_info[:2]), 'site': sysconfig.get_path('purelib'), "
    "'installed': {d.metadata['Name'].lower().replace('_', '-'): d.version for d in metadata.distributions()}}))"
)
_OFFLINE = (
    "name resolution",
    "connection refused",
    "timed out",
    "failed to establish",
    "unreachable",
    "connection broken",
)


@dataclass(frozen=True)
class EnvironmentSpec:
    """An environment as wanted.

    :param path: absolute
    :param requirements: text of a pip requirements file in which each package is pinned and hashed
    :param python: the interpreter that it is made with
    :param oldest_python: the oldest ``(major, minor)`` that the requirements support
    :param index: URL of a package index; may hold credentials, so it never goes to argv
    :param wheelhouse: folder of wheels on this host, used instead of any index
    """

    path: Path
    requirements: str
    python: str
    oldest_python: tuple[int, int] = (3, 9)
    index: Optional[str] = None
    wheelhouse: Optional[str] = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> EnvironmentSpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for a version that is none, or an index together with a wheelhouse
        """
        attempted = f"prepare the virtual environment {params['path']}"
        if params["index"] and params["wheelhouse"]:
            raise InvalidInputError(attempted, "both index and wheelhouse are given", "Give one of them.")
        try:
            major, minor = (int(part) for part in params["oldest_python"].split("."))
        except ValueError:
            raise InvalidInputError(attempted, f"oldest_python {params['oldest_python']!r} is not like 3.9") from None
        return cls(
            path=Path(params["path"]).absolute(),
            requirements=params["requirements"],
            python=params["python"] or base_python(),
            oldest_python=(major, minor),
            index=params["index"],
            wheelhouse=params["wheelhouse"],
        )

    @property
    def digest(self) -> str:
        """What the record is compared with."""
        return sha256(self.requirements.encode()).hexdigest()

    @property
    def attempted(self) -> str:
        """What an error says was attempted."""
        return f"prepare the virtual environment {self.path}"


@dataclass(frozen=True)
class EnvironmentState:
    """An environment as seen.

    :param content: ``nothing``, ``environment`` or ``other`` (files of somebody else)
    :param runs: whether its Python starts
    :param installed: name -> version of every package in it
    :param record: name -> version of what was installed for ``requirements``; ``None`` where we did not make it
    :param importer: a digest of the importer of Ansible's archives; ``None`` where it is not there
    """

    content: str = "nothing"
    runs: bool = False
    installed: Optional[Mapping[str, str]] = None
    record: Optional[Mapping[str, str]] = None
    requirements: Optional[str] = None
    importer: Optional[str] = None


def base_python() -> str:
    """The interpreter below the running one: itself, or the one that a virtual environment was made with."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def interpreter(path: Path) -> str:
    """The Python of the environment at ``path``."""
    return str(path / "bin" / "python")


def read_environment(path: Path) -> EnvironmentState:
    """Look at what is at ``path``.

    :raises SourceError: where this user may not look, or no path can be so
    """
    try:
        if not path.is_dir() or not any(path.iterdir()):
            return EnvironmentState(content="other" if path.is_file() else "nothing")
        if not (path / "pyvenv.cfg").is_file():
            return EnvironmentState(content="other")
    except OSError as error:
        raise SourceError(f"look at {path}", why_not(error), "Choose another path.") from error
    found = _inspect(interpreter(path))
    record = _read_record(path)
    return EnvironmentState(
        content="environment",
        runs=found is not None,
        installed=found["installed"] if found else {},
        record=record["installed"] if record else None,
        requirements=record["requirements"] if record else None,
        importer=read_importer(Path(found["site"])) if found else None,
    )


def plan_environment(state: EnvironmentState, spec: EnvironmentSpec) -> Plan:
    """The actions from ``state`` to ``spec``.

    :raises ConflictError: where making it would destroy what somebody else put there
    """
    actions: tuple[Action, ...] = ()
    if not state.runs:
        if state.content == "other" or (state.content == "environment" and state.record is None):
            raise ConflictError(
                spec.attempted,
                "something else is there that this role did not make"
                if state.content == "other"
                else "an environment is there whose Python does not start, and that this role did not make",
                "Name another path (control_plane_venv), or move it away.",
            )
        before = {"path": str(spec.path), "python": "does not start"} if state.content == "environment" else None
        actions += update("environment", before, {"path": str(spec.path), "python": spec.python})
    actions += update("packages", *_packages(state, spec))
    return Plan(f"virtual environment {spec.path}", actions + update("importer", *_importer(state)))


def _packages(state: EnvironmentState, spec: EnvironmentSpec) -> tuple[Optional[dict[str, Any]], dict[str, Any]]:
    """Before and after of the packages; equal where nothing is to be done."""
    after: dict[str, Any] = {"requirements": f"sha256:{spec.digest[:12]}"}
    if not state.runs or state.requirements is None:
        return None, after
    before: dict[str, Any] = {"requirements": f"sha256:{state.requirements[:12]}"}
    installed, record = state.installed or {}, state.record or {}
    for name, version in record.items():
        if installed.get(name) != version:
            before[name], after[name] = installed.get(name), version
    return before, after


def _importer(state: EnvironmentState) -> tuple[Optional[dict[str, str]], dict[str, str]]:
    """Before and after of the importer; equal where it is there as it should be."""
    before = {"sha256": state.importer[:12]} if state.importer else None
    return before, {"sha256": wanted_importer()[:12]}


def apply_environment(plan: Plan, spec: EnvironmentSpec) -> Iterator[Action]:
    """Carry ``plan`` out; yields each action that is done.

    :raises SourceError: where the interpreter, its venv module or the packages are not to be had
    """
    check_python(spec)
    for action in plan.actions:
        if action.subject == "environment":
            _make(spec)
            _write_record(spec.path, {"requirements": "", "installed": {}})
        elif action.subject == "packages":
            _install(spec)
        else:
            install_importer(_site(spec))
        yield action


def make_scratch(spec: EnvironmentSpec) -> Path:
    """A temporary environment that satisfies ``spec``, for check mode on a host that has none yet."""
    folder = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX))
    scratch = replace(spec, path=folder)
    try:
        for _ in apply_environment(plan_environment(EnvironmentState(), scratch), scratch):
            pass
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def remove_stale_scratch() -> None:
    """Remove temporary environments of this user that are older than ``SCRATCH_LIFE``."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH_PREFIX}*"):
        seen = folder.lstat()
        if seen.st_uid == os.getuid() and time.time() - seen.st_mtime > SCRATCH_LIFE and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)


def check_python(spec: EnvironmentSpec) -> None:
    """Whether the interpreter starts and is new enough.

    :raises SourceError: otherwise
    """
    found = _inspect(spec.python)
    if found is None:
        raise SourceError(spec.attempted, f"the interpreter {spec.python} does not start", "Set control_plane_python.")
    version = tuple(found["version"])
    if version < spec.oldest_python:
        oldest = ".".join(map(str, spec.oldest_python))
        raise SourceError(
            spec.attempted,
            f"{spec.python} is Python {version[0]}.{version[1]}, and the packages need {oldest} or newer",
            "Set control_plane_python to a newer one, or control_plane_raster: false if that is what asks for it.",
        )


def _make(spec: EnvironmentSpec) -> None:
    """``python -m venv``, with pip from the host where its Python comes without ensurepip (Debian)."""
    spec.path.parent.mkdir(parents=True, exist_ok=True)
    bundled = _run([spec.python, "-I", "-c", "import ensurepip"]).returncode == 0
    if not bundled and _run([spec.python, "-I", "-m", "pip", "--version"]).returncode:
        raise SourceError(
            spec.attempted,
            f"{spec.python} has neither ensurepip nor pip",
            "On Debian and Ubuntu install python3-venv (control_plane_packages: [python3-venv] does).",
        )
    done = _run([spec.python, "-I", "-m", "venv", "--clear", *([] if bundled else ["--without-pip"]), str(spec.path)])
    if done.returncode:
        raise SourceError(spec.attempted, _tail(done) or "python -m venv failed")


def _install(spec: EnvironmentSpec) -> None:
    own = interpreter(spec.path)
    pip = [own, "-I", "-m", "pip"]
    if _run([*pip, "--version"]).returncode:
        pip = [spec.python, "-I", "-m", "pip", "--python", own]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(spec.requirements)
        file.flush()
        options = ["--quiet", "--no-input", "--disable-pip-version-check", "--retries", "2"]
        done = _run(
            [*pip, "install", *options, "--only-binary", ":all:", "--require-hashes", "-r", file.name],
            environment=_pip_environment(spec),
        )
    if done.returncode:
        raise _pip_error(spec, done)
    found = _inspect(own)
    installed = dict(found["installed"]) if found else {}
    for name in ("pip", "setuptools"):  # the tools, which may be upgraded by others
        installed.pop(name, None)
    _write_record(spec.path, {"requirements": spec.digest, "installed": installed})


def _site(spec: EnvironmentSpec) -> Path:
    found = _inspect(interpreter(spec.path))
    if found is None:
        raise SourceError(spec.attempted, "its Python does not start", "Remove the environment, and run again.")
    return Path(found["site"])


def _pip_environment(spec: EnvironmentSpec) -> dict[str, str]:
    # --user as a host's default makes pip refuse to work in an environment
    variables = {"PIP_USER": "0"}
    if spec.index:
        variables.update(PIP_INDEX_URL=spec.index, PIP_NO_INDEX="0")
    if spec.wheelhouse:
        variables.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=spec.wheelhouse)
    return variables


def _pip_error(spec: EnvironmentSpec, done: subprocess.CompletedProcess[str]) -> SourceError:
    said = done.stderr + done.stdout
    if spec.wheelhouse and not Path(spec.wheelhouse).is_dir():
        return SourceError(
            spec.attempted, f"there is no folder {spec.wheelhouse} on this host", "It is the wheelhouse."
        )
    if any(words in said.lower() for words in _OFFLINE):
        return SourceError(
            spec.attempted,
            "pip reaches no package index from this host",
            "Set control_plane_pip_index to one that it reaches, or control_plane_wheelhouse to a folder of wheels"
            " (made elsewhere by `pip download -d wheelhouse -r requirements/raster.txt -r requirements/isal.txt`).",
        )
    source = f"the wheelhouse {spec.wheelhouse}" if spec.wheelhouse else "the package index"
    reason = _tail(done).replace(spec.index, "the index") if spec.index else _tail(done)
    return SourceError(spec.attempted, f"pip could not install from {source}: {reason}")


def _inspect(python: str) -> Optional[dict[str, Any]]:
    """Version and packages of an interpreter; ``None`` where it does not start."""
    try:
        done = _run([python, "-I", "-c", _INSPECT])
        return dict(json.loads(done.stdout)) if done.returncode == 0 else None
    except (OSError, ValueError):
        return None


def _run(
    command: Sequence[str], *, environment: Optional[Mapping[str, str]] = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )


def _tail(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return (lines[-1] if lines else "").replace("ERROR: ", "").strip()


def _read_record(path: Path) -> Optional[dict[str, Any]]:
    try:
        record = json.loads((path / RECORD).read_text())
        return {"requirements": str(record["requirements"]), "installed": dict(record["installed"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_record(path: Path, record: Mapping[str, Any]) -> None:
    temporary = path / f".{RECORD}"
    temporary.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")
    temporary.replace(path / RECORD)
