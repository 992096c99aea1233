"""The work of ``geotiff_quicklook``: small pictures of rasters, from their overviews."""

from __future__ import annotations

from typing import Any

from ..data.quicklook import QuicklookSpec, make_quicklooks
from ..values.arguments import FOLDER
from ..values.change import Report
from ..values.selection import ARGUMENTS as SELECTION
from ..values.steps import Step

ARGUMENTS: dict[str, Any] = {
    **FOLDER,
    **SELECTION,
    "key_pattern": {"type": "str", "no_log": False},
    "newest": {"type": "str"},
    "side": {"type": "int", "default": 160},
    "legend": {"type": "dict"},
}


def work(step: Step) -> Report:
    """Make them."""
    made = make_quicklooks(step.params["path"], QuicklookSpec.from_params(step.params), recurse=step.params["recurse"])
    return Report(changed=False, diff=None, returns=made.as_dict())
