"""A folder of GeoTIFFs as one set: each file, their names against the matrix, their likeness, and their places."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping, NamedTuple, Optional, Sequence

from ..values.errors import SourceError
from ..values.naming import Expected, KeyNaming
from ..values.selection import Selection
from .alike import PROPERTIES, twins, unlike
from .folder import Problem, find_files, problem_report
from .mosaic import Cell, Tile, lay_out, tile_numbers
from .names import Named, NameReport, NameRules, check_groups, judge_names, said_of_missing
from .raster import Raster, RasterRules, look_at_all

#: More rasters than these a module returns only where it is asked to.
RASTERS_LIMIT = 1000


@dataclass(frozen=True)
class SetRules:
    """What the files must be together.

    ``mosaic_by`` are the groups of a name whose values tell one image from another, ``tile`` the group with the two
    numbers of a split export. ``alike`` names properties of which all files have one value, or all of one kind: those
    that the groups ``alike_by`` do not tell apart.
    """

    names: NameRules = field(default_factory=NameRules)
    tile: Optional[str] = None
    mosaic_by: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    alike_by: tuple[str, ...] = ()

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> SetRules:
        """What the options of the module ask for.

        :raises InvalidInputError: for a group that the pattern does not have, or a pattern that is none
        """
        naming = KeyNaming(params["key_pattern"], params["key_template"])
        known = naming.group_names
        for option in ("season_group", "tile_group"):
            check_groups([params[option]], known, option)
        return cls(
            names=NameRules(
                naming=naming,
                prefix=params["prefix"],
                expect=Expected.from_param(params["expect"], known) if params["expect"] else None,
                season=params["season_group"] or None,
                unmatched=params["unmatched"],
            ),
            tile=params["tile_group"] or None,
            mosaic_by=check_groups(params["mosaic_by"] or (), known, "mosaic_by"),
            alike=tuple(params["alike"] or ()),
            alike_by=check_groups(params["alike_by"] or (), known, "alike_by"),
        )


#: The options that ``SetRules.from_params`` takes.
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "prefix": {"type": "str", "default": ""},
    "key_pattern": {"type": "str", "no_log": False},
    "key_template": {"type": "str", "no_log": False},
    "unmatched": {"type": "str", "choices": ["fail", "skip", "keep"], "default": "fail"},
    "expect": {"type": "dict"},
    "season_group": {"type": "str"},
    "tile_group": {"type": "str"},
    "mosaic_by": {"type": "list", "elements": "str"},
    "alike": {"type": "list", "elements": "str", "choices": list(PROPERTIES)},
    "alike_by": {"type": "list", "elements": "str"},
}


class RasterReport(NamedTuple):
    """What was found. ``bytes`` is the size of all files; ``reason`` says why only their structure was looked at."""

    files: int
    bytes: int
    reason: str
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    rasters: tuple[Raster, ...]
    names: NameReport
    cells: Mapping[str, Cell]

    def as_dict(self, limit: int = RASTERS_LIMIT) -> dict[str, Any]:
        """The result of a module, with ``limit`` rasters at most."""
        places = [raster.place for raster in self.rasters if raster.place]
        return {
            "files": self.files,
            "bytes": self.bytes,
            "checked": not self.reason,
            "reason": self.reason,
            "problems": [problem.as_dict() for problem in self.problems],
            "remarks": [remark.as_dict() for remark in self.remarks],
            "missing": list(self.names.coverage.missing),
            "unexpected": list(self.names.unexpected),
            "crs": sorted({place.crs for place in places if place.crs}),
            "dtypes": sorted({place.dtype for place in places}),
            "rasters": list(self._rows(limit)),
        }

    def _rows(self, limit: int) -> Iterator[dict[str, Any]]:
        keys = {named.file.key: named.key for named in self.names.named}
        for raster in self.rasters[:limit]:
            cell = self.cells.get(raster.file.key)
            yield {
                **raster.as_dict(),
                "key": keys.get(raster.file.key),
                "row": cell.row if cell else None,
                "column": cell.column if cell else None,
            }


def check_rasters(
    folder: str, selection: Selection, rules: RasterRules, together: SetRules = SetRules(), *, recurse: bool = True
) -> RasterReport:
    """Look at every selected file of a folder, and at what they are together.

    :raises SourceError: when there is nothing to look at
    """
    left_out: list[str] = []
    found, unreadable = find_files(folder, selection, recurse=recurse, left_out=left_out)
    names = judge_names(folder, found, left_out, together.names)
    files = names.looked_at
    seen = look_at_all(files, rules)
    rasters = {raster.file.key: raster for raster in seen.rasters}
    named = [one for one in names.named if one.file.key in rasters]
    cells, misplaced = _mosaics(named, rasters, together, names)
    return RasterReport(
        files=len(files),
        bytes=sum(file.size for file in files),
        reason=seen.reason,
        problems=(
            *unreadable,
            *names.problems,
            *seen.problems,
            *_unlike(named, rasters, together),
            *(twins(one.file for one in names.named) if together.names.naming.pattern else ()),
            *misplaced,
        ),
        remarks=(*names.remarks, *seen.remarks),
        rasters=seen.rasters,
        names=names,
        cells=cells,
    )


def _unlike(named: Sequence[Named], rasters: Mapping[str, Raster], together: SetRules) -> Iterator[Problem]:
    kinds: dict[tuple[str, ...], list[Raster]] = defaultdict(list)
    for one in named:
        kinds[tuple(one.groups[group] for group in together.alike_by)].append(rasters[one.file.key])
    for kind in kinds.values():
        yield from unlike(kind, together.alike)


def _mosaics(
    named: Sequence[Named], rasters: Mapping[str, Raster], together: SetRules, names: NameReport
) -> tuple[dict[str, Cell], list[Problem]]:
    """Where each tile lies in its image, and what is wrong with the images."""
    images: dict[tuple[str, ...], list[Tile]] = defaultdict(list)
    for one in named if together.mosaic_by else ():
        numbers = tile_numbers(one.groups[together.tile]) if together.tile else None
        images[tuple(one.groups[group] for group in together.mosaic_by)].append(Tile(rasters[one.file.key], numbers))
    lacking = {tuple(row.get(group) for group in together.mosaic_by) for row in names.coverage.missing}
    readable = {one.file.key for one in named}
    lacking |= {
        tuple(one.groups[group] for group in together.mosaic_by) for one in names.named if one.file.key not in readable
    }
    cells: dict[str, Cell] = {}
    problems: list[Problem] = []
    swapped: list[str] = []
    for image, tiles in images.items():
        laid = lay_out(tiles, what=" ".join(image), whole=image not in lacking)
        cells.update(laid.cells)
        problems += laid.problems
        swapped += laid.swapped
    if swapped:
        problems.append(Problem(swapped[0], _said_of_swapped(len(swapped), together.tile)))
    return cells, problems


def _said_of_swapped(count: int, group: Optional[str]) -> str:
    return (
        f"the numbers of {group} are column and row in the names of {count} files, where they must be row and column: "
        "rename them, or look at their georeference"
    )


def set_faults(folder: str, report: RasterReport, together: SetRules) -> dict[str, SourceError]:
    """What is wrong as errors, by the option that decides what happens then."""
    faults: dict[str, SourceError] = {}
    problems = problem_report(folder, report.problems)
    if problems is not None:
        faults["on_problem"] = problems
    expect = together.names.expect
    missing = said_of_missing(report.names.coverage, expect) if expect else ""
    if missing:
        faults["on_missing"] = SourceError(
            f"find all files in {folder}", missing, "Bring them, or change what is expected."
        )
    return faults
