"""Whether a document is STAC: judged by pystac and by stac-validator, without a network.

The schemas of STAC itself are those inside pystac, those of the extensions lie here.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pystac import STACObjectType
from pystac.validation.local_validator import get_local_schema_cache
from pystac.validation.stac_validator import JsonSchemaSTACValidator
from stac_validator.validate import StacValidate

_VERSIONS = {"projection": "v2.0.0", "raster": "v2.0.0", "file": "v2.1.0", "classification": "v2.0.0"}
_KINDS = {"Feature": STACObjectType.ITEM, "Collection": STACObjectType.COLLECTION}


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """URL -> schema, of STAC and of the extensions."""
    found: dict[str, dict[str, Any]] = dict(get_local_schema_cache())
    for name, version in _VERSIONS.items():
        text = (Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8")
        if name == "classification":
            text = text.replace("v1.1.0", version)
        found[f"https://stac-extensions.github.io/{name}/{version}/schema.json"] = json.loads(text)
    return found


def validate(document: dict[str, Any]) -> None:
    """Nothing, where both are content; else an error that says what is wrong."""
    ours = JsonSchemaSTACValidator()
    ours.schema_cache.update(schemas())
    ours.validate(document, _KINDS[document["type"]], document["stac_version"], document.get("stac_extensions", []))
    with TemporaryDirectory() as folder:
        places = {}
        for number, (url, schema) in enumerate(schemas().items()):
            path = Path(folder) / f"{number}.json"
            path.write_text(json.dumps(schema))
            places[url] = str(path)
        theirs = StacValidate(schema_map=places, extensions=False)
        assert theirs.validate_dict(document), theirs.message
