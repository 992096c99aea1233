"""rio-cogeo's errors of each file."""

import json
import logging
import sys
import warnings

from rio_cogeo import cog_validate

warnings.simplefilter("ignore")
logging.disable()
for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        errors = cog_validate(path, quiet=True)[1]
    except Exception as error:  # noqa: BLE001  # what it stumbles over is a judgement, too
        errors = [f"{type(error).__name__}: {error}"]
    print(json.dumps([path, errors]), flush=True)
