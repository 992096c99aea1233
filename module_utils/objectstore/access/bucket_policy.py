"""Anonymous access to a bucket: what is wanted, what is there, the plan between the two, and the proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any, Iterator, Mapping, Optional, Protocol

from ..values.bucket_names import check_bucket_name
from ..values.change import Action, Plan, update
from ..values.errors import InvalidInputError, NotFoundError, UnsupportedError
from .anonymous import UNTESTED, AccessStore, AnonymousAccess, Ask, check_access, expected_access, try_access
from .held import check_bucket_policy
from .policy import (
    LEVELS,
    Document,
    canned_policy,
    for_somebody,
    is_equivalent,
    joined,
    level_of,
    normal_document,
    normal_prefix,
    parse_document,
)
from .readback import check_held


class PolicyStore(AccessStore, Protocol):
    """What reading, setting and proving a policy takes."""

    @property
    def try_anonymously(self) -> Ask:
        """Asks without credentials."""

    def bucket_exists(self, bucket: str) -> bool:
        """Whether the bucket is there."""

    def bucket_policy(self, bucket: str) -> Optional[Document]:
        """The bucket policy document, ``None`` where there is none."""

    def set_bucket_policy(self, bucket: str, document: Optional[Document]) -> None:
        """Set the bucket policy; ``None`` removes it."""


@dataclass(frozen=True)
class PolicySpec:
    """Anonymous access as wanted.

    :param levels: prefix -> level, ``""`` for all that no prefix names; empty where a document is given or
        the policy is to be left alone
    :param document: the policy, ``None`` for none at all
    :param manages: whether the policy is to be set; without it there is only something to verify
    """

    bucket: str
    levels: Mapping[str, str] = field(default_factory=dict)
    document: Optional[Document] = None
    manages: bool = True
    verify: bool = False
    assume_bucket: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> PolicySpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for levels that contradict each other, or prefixes without a level
        """
        bucket = check_bucket_name(params["bucket"])
        levels = _levels(params)
        given = params["policy"]
        document = canned_policy(bucket, levels) if given is None else parse_document(given)
        if given is not None and document is None:
            raise InvalidInputError(
                f"set the policy of bucket {bucket}", "the document is empty", "To remove it, set access: private."
            )
        return cls(
            bucket=bucket,
            levels=levels,
            document=document,
            manages=bool(levels) or params["policy"] is not None,
            verify=params["verify"],
            assume_bucket=params["assume_bucket"],
        )


def _levels(params: Mapping[str, Any]) -> dict[str, str]:
    access, prefixes = params["access"], params["prefixes"] or []
    if prefixes and access in (None, "private"):
        raise InvalidInputError(
            f"set the access to prefixes of bucket {params['bucket']}",
            "prefixes says where access download, upload or public holds",
            "What no prefix names is private anyway; set access: private without prefixes to close the whole bucket.",
        )
    levels = {normal_prefix(prefix): access for prefix in prefixes}
    for prefix, level in (params["access_by_prefix"] or {}).items():
        if level not in LEVELS:
            raise InvalidInputError(
                f"give the prefix {prefix!r} the access {level!r}",
                "there is no such level",
                f"Use {', '.join(LEVELS)}.",
            )
        if levels.setdefault(normal_prefix(prefix), level) != level:
            raise InvalidInputError(
                f"give the prefix {prefix!r} the access {level!r}", "another access is given for it, too"
            )
    if access is None and not levels:
        return {}
    levels = {"": "private" if prefixes or access is None else access, **levels}
    for prefix, level in levels.items():
        if level == "private" and any(levels[wider] != "private" for wider in levels if prefix.startswith(wider)):
            raise InvalidInputError(
                f"keep the prefix {prefix!r} private",
                "a wider access takes it in",
                "Give each open prefix its access and leave the rest out, or write a policy with a Deny.",
            )
    return levels


@dataclass(frozen=True)
class PolicyState:
    """The policy as seen; ``exists`` tells of the bucket.

    ``lacking`` is what a server says that has no bucket policies.
    """

    exists: bool
    document: Optional[Document] = None
    lacking: str = ""

    def aim(self, spec: PolicySpec) -> Optional[Document]:
        """The policy as it is to be: a level says what everybody may do, and what is said of others stays."""
        if not spec.manages:
            return normal_document(self.document)
        return joined(spec.document, for_somebody(self.document)) if spec.levels else normal_document(spec.document)


def read_policy(store: PolicyStore, spec: PolicySpec, *, check_mode: bool) -> PolicyState:
    """Look at the bucket's policy.

    :raises NotFoundError: when there is no bucket, unless in check mode an earlier task is said to create it
    """
    if store.bucket_exists(spec.bucket):
        try:
            return PolicyState(exists=True, document=parse_document(store.bucket_policy(spec.bucket)))
        except UnsupportedError as error:
            return PolicyState(exists=True, lacking=error.reason)
    if check_mode and spec.assume_bucket:
        return PolicyState(exists=False)
    raise NotFoundError(
        f"set the access to bucket {spec.bucket}", "there is no such bucket", "Create it first, with minio_bucket."
    )


def check_policy(store: PolicyStore, spec: PolicySpec) -> None:
    """Refuse a document that this server cannot hold.

    :raises InvalidInputError: naming the part
    """
    try:
        check_bucket_policy(f"set the policy of bucket {spec.bucket}", spec.bucket, spec.document)
    except InvalidInputError:
        if not store.abilities.policies_by_exclusion:
            raise


def plan_policy(state: PolicyState, spec: PolicySpec) -> Plan:
    """The actions from ``state`` to ``spec``: none where both documents mean the same.

    :raises UnsupportedError: for anything but private access, where the server has no bucket policies
    """
    target, aim = f"policy of bucket {spec.bucket}", state.aim(spec)
    if state.lacking and aim is not None:
        wanted = ", ".join(sorted({level for level in spec.levels.values() if level != "private"})) or "its policy"
        raise UnsupportedError(
            f"set the access to bucket {spec.bucket} to {wanted}",
            f"the server has no bucket policies: {state.lacking}",
            "It can be private there; for downloads, sign URLs.",
        )
    if is_equivalent(state.document, aim):
        return Plan(target)
    return Plan(target, update("policy", normal_document(state.document), aim))


def apply_policy(store: PolicyStore, plan: Plan, spec: PolicySpec) -> Iterator[Action]:
    """Carry ``plan`` out; yields each action that is done."""
    for action in plan.actions:
        store.set_bucket_policy(spec.bucket, action.after)
        yield action
        check_held(f"the policy of bucket {spec.bucket}", action.after, partial(store.bucket_policy, spec.bucket))


def prove_policy(store: PolicyStore, spec: PolicySpec, state: PolicyState) -> dict[str, AnonymousAccess]:
    """Prefix -> what anybody may do below it; ``""`` for what no prefix names."""
    prefixes = ["", *(prefix for prefix in spec.levels if prefix)]
    if not state.exists:
        return dict.fromkeys(prefixes, AnonymousAccess(UNTESTED, UNTESTED, UNTESTED, UNTESTED))
    return {
        prefix: try_access(
            store, spec.bucket, prefix, ask=store.try_anonymously, own_key=bool(prefix) or len(prefixes) == 1
        )
        for prefix in prefixes
    }


def check_proof(spec: PolicySpec, proof: Mapping[str, AnonymousAccess]) -> None:
    """Compare what was tried with the wanted levels.

    :raises VerificationError: when they contradict each other
    """
    for prefix in spec.levels:
        check_access(spec.bucket, prefix, expected=expected_access(spec.levels, prefix), found=proof[prefix])


def report(store: PolicyStore, spec: PolicySpec, state: PolicyState, *, pending: bool) -> dict[str, Any]:
    """What the module returns besides its actions; proves the access where asked to.

    :param pending: whether a planned change was not made, so that what is tried is still the old policy
    :raises VerificationError: when what was tried contradicts the wanted levels
    """
    document = state.aim(spec)
    returns: dict[str, Any] = {"access": level_of(spec.bucket, document), "policy": document}
    # where there is no policy to read, requests alone can tell
    if not spec.verify and not (state.lacking and spec.manages):
        return returns
    proof = prove_policy(store, spec, state)
    if state.exists and not pending:
        check_proof(spec, proof)
    by_prefix = {prefix: access._asdict() for prefix, access in proof.items() if prefix}
    return {**returns, "anonymous": proof[""]._asdict(), "anonymous_by_prefix": by_prefix}
