"""The work of ``minio_policy``: who may reach a bucket without credentials."""

from __future__ import annotations

from typing import Any

from ..access.bucket_policy import PolicySpec, apply_policy, check_policy, plan_policy, read_policy, report
from ..servers.store import Store
from ..values.arguments import ASSUME_BUCKET, BUCKET
from ..values.change import Report
from ..values.steps import Step

ARGUMENTS: dict[str, Any] = {
    **BUCKET,
    **ASSUME_BUCKET,
    "access": {"type": "str", "choices": ["private", "download", "upload", "public"]},
    "prefixes": {"type": "list", "elements": "str"},
    "access_by_prefix": {"type": "dict"},
    "policy": {"type": "raw"},
    "verify": {"type": "bool", "default": False},
}
EXCLUSIVE = [("policy", "access"), ("policy", "access_by_prefix"), ("policy", "prefixes")]


def work(step: Step) -> Report:
    """Bring the bucket's policy in step, and where it is asked for try what it lets through."""
    spec = PolicySpec.from_params(step.params)
    store = step.store(Store)
    check_policy(store, spec)
    state = read_policy(store, spec, check_mode=step.check_mode)
    plan = plan_policy(state, spec)
    step.carry_out(plan, lambda plan: apply_policy(store, plan, spec))
    returns = report(store, spec, state, pending=step.check_mode and plan.changed)
    return Report(plan.changed, plan.diff(), {"actions": plan.as_list(), "planned": not state.exists, **returns})
