"""``make corpus``: judge all images three ways, print where the judges differ, and write the table of docs/data.md."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import ansible.module_utils

from tests.support.errors import SupportError
from tests.support.paths import MODULE_UTILS, REPO

from .packages import FOLDER, all_images

ansible.module_utils.__path__.append(str(MODULE_UTILS))

from ansible.module_utils.objectstore.data.raster import RasterRules, _rasterio, look_at  # noqa: E402
from ansible.module_utils.objectstore.trees.localfs import look_at as stat_of  # noqa: E402
from ansible.module_utils.objectstore.values.model import LocalFile  # noqa: E402

PAGE = REPO / "docs" / "data.md"
BEGIN, END = "<!-- written by make corpus -->", "<!-- end of what make corpus writes -->"

#: Who is right where the judges differ, by a part of our words.
RIGHT = {
    "strips, not in tiles": "rio-cogeo and we: GDAL's check lets strips of up to 1024 pixels pass",
    "its last block ends": "we: rio-cogeo does not look at the data, and GDAL's check stops with an exception of its "
    "own, or sees nothing where only the end of a block is gone",
    "has a hole": "GDAL and we: rio-cogeo does not look at the data",
    "its first directory is at byte": "GDAL and we: rio-cogeo lets it begin anywhere before byte 300",
}


class Judgement(NamedTuple):
    """What the three say of an image: texts, none for one that is valid."""

    ours: list[str]
    rio_cogeo: list[str]
    gdal: list[str] | None

    @property
    def verdicts(self) -> tuple[str, str, str]:
        return _word(self.ours), _word(self.rio_cogeo), _word(self.gdal)

    @property
    def differ(self) -> bool:
        return len({verdict for verdict in self.verdicts if verdict != "not asked"}) > 1

    @property
    def right(self) -> str:
        if not self.ours:
            return "GDAL and we: rio-cogeo takes one tile as wide as the image for a strip"
        return next((who for part, who in RIGHT.items() if any(part in text for text in self.ours)), "to be looked at")


def _word(errors: list[str] | None) -> str:
    return "not asked" if errors is None else "refused" if errors else "valid"


def ours(paths: list[Path]) -> dict[str, list[str]]:
    """What the module says, but for what a COG's validator does not ask: name, place and overviews."""
    found = {}
    with ExitStack() as stack:
        rasterio, _ = _rasterio(stack)
        for path in paths:
            file = stat_of(str(path), path.name)
            if not isinstance(file, LocalFile):
                raise SupportError(f"{path}: {file.reason}")
            seen = look_at(file, RasterRules(overviews=False, crs=False), rasterio)
            found[str(path)] = [text for text in seen.errors if "its name" not in text]
    return found


def by_program(python: Path | str, name: str, paths: list[Path]) -> dict[str, list[str]]:
    """What another judge says, in an interpreter of its own."""
    done = subprocess.run(
        [python, Path(__file__).parent / "programs" / f"{name}.py"],
        input="\n".join(map(str, paths)) + "\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=FOLDER,
    )
    return dict(json.loads(line) for line in done.stdout.splitlines() if line.startswith("["))


def gdal_python() -> str | None:
    """An interpreter with GDAL's own Python package: Debian's python3-gdal."""
    for python in filter(None, (shutil.which("python3", path="/usr/bin"), shutil.which("python3"))):
        if subprocess.run([python, "-c", "import osgeo_utils"], capture_output=True, check=False).returncode == 0:
            return python
    return None


def version(python: Path | str, code: str) -> str:
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def main() -> int:
    python = Path(os.environ["CORPUS_VENV"]) / "bin" / "python"
    gdal = gdal_python()
    if gdal is None:
        print("corpus: GDAL is not asked: there is no python3-gdal (Debian's package)", file=sys.stderr)
    groups = list(all_images(python))
    paths = [path for _, images in groups for path in images]
    we, rio = ours(paths), by_program(python, "by_rio_cogeo", paths)
    theirs = by_program(gdal, "by_gdal", paths) if gdal else {}
    judged = {path: Judgement(we[str(path)], rio[str(path)], theirs.get(str(path))) for path in paths}
    versions = f"rio-cogeo {version(python, 'import rio_cogeo; print(rio_cogeo.__version__)')}"
    if gdal:
        versions += f" and GDAL {version(gdal, 'from osgeo import gdal; print(gdal.__version__)')}"
    text = "\n".join(page(groups, judged, versions))
    print(text)
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}")
    return int(any(judgement.right == "to be looked at" for judgement in judged.values() if judgement.differ))


def page(groups: list[tuple[str, list[Path]]], judged: dict[Path, Judgement], versions: str) -> list[str]:
    """The tables: images by source, verdicts, and each difference."""
    named = "; ".join(f"{name} ({len(images)})" for name, images in groups if images)
    counted = Counter(judgement.verdicts for judgement in judged.values())
    lines = [f"{len(judged)} images, judged by us, {versions}: {named}.", ""]
    lines += ["| we | rio-cogeo | GDAL | images |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(verdicts)} | {count} |" for verdicts, count in counted.most_common()]
    lines += [
        "",
        "Where they differ:",
        "",
        "| images | we | rio-cogeo | GDAL | who is right |",
        "|---|---|---|---|---|",
    ]
    rows: dict[tuple[tuple[str, str, str], str], list[str]] = {}
    for path, judgement in judged.items():
        if judgement.differ:
            rows.setdefault((judgement.verdicts, judgement.right), []).append(path.name)
    for (verdicts, right), names in rows.items():
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        lines.append(f"| {shown} | {' | '.join(verdicts)} | {right} |")
    return ["", *lines, ""]


if __name__ == "__main__":
    sys.exit(main())
