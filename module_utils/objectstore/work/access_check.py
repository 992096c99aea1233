"""The work of ``minio_access_check``: what an identity may and may not do, tried with its own credentials."""

from __future__ import annotations

from typing import Any

from ..access.access_check import check_identity, matrix
from ..servers.administered import AdministeredStore
from ..values.arguments import RIGHT
from ..values.change import Report
from ..values.errors import WrongSecretError
from ..values.steps import Step

ARGUMENTS: dict[str, Any] = {
    "rights": {"type": "list", "elements": "dict", "required": True, "options": RIGHT},
    "others": {"type": "list", "elements": "str", "default": []},
    "fails": {"type": "bool", "default": True},
}


def work(step: Step) -> Report:
    """Try each verb at each place."""
    who = step.params["access_key"]
    try:
        proof = check_identity(step.store(AdministeredStore), step.params["rights"], step.params["others"])
    except WrongSecretError as error:
        return Report(changed=False, diff=None, returns={"secret_accepted": False}, failure=str(error))
    differences = proof.differences
    returns = {
        "matrix": matrix(who, proof.cells),
        "beyond": proof.beyond,
        "met": not differences,
        "differences": differences,
    }
    fails = differences and step.params["fails"]
    failure = f"{who} may not do exactly what it must: {'; '.join(differences)}." if fails else ""
    return Report(changed=False, diff=None, returns=returns, failure=failure)
