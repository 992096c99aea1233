"""What a server must offer for a plan to work, asked before the first write: so that a dry run foresees it, too."""

from __future__ import annotations

from typing import Any, Optional, Protocol

from ..values.change import Plan
from ..values.errors import InvalidInputError, UnsupportedError


class ServerOffers(Protocol):
    """What can be asked of a server. One that does not say, or not to us, is taken to offer everything."""

    def key_problem(self, key: Optional[str]) -> str:
        """Why the server cannot encrypt with ``key`` (``None``: with its own); empty where nothing is known of it."""

    def notification_targets(self) -> Optional[list[str]]:
        """The ARNs of the targets that events can go to, ``None`` where they are not known."""


def check_offers(store: ServerOffers, plan: Plan) -> None:
    """Refuse a plan that the server would refuse half way.

    :raises UnsupportedError: for encryption that it has no key for
    :raises InvalidInputError: for notifications to a target that it does not have
    """
    for action in plan.actions:
        if action.after is not None and action.subject == "encryption":
            _check_key(store, plan.target, action.after)
        elif action.after is not None and action.subject == "notifications":
            _check_targets(store, plan.target, action.after)


def _check_key(store: ServerOffers, target: str, encryption: dict[str, Any]) -> None:
    problem = store.key_problem(encryption.get("kms_key"))
    if problem:
        raise UnsupportedError(
            f"set the encryption of {target}",
            problem,
            "Set up the server's key management service (MINIO_KMS_*), or name a key that is there (kms_key). "
            "Nothing was changed.",
        )


def _check_targets(store: ServerOffers, target: str, rules: dict[str, Any]) -> None:
    known = store.notification_targets()
    if known is None:
        return
    unknown = sorted({rule["arn"] for rule in rules.values()} - set(known))
    if unknown:
        raise InvalidInputError(
            f"set the notifications of {target}",
            f"the server has no target {', '.join(unknown)}; it has {', '.join(sorted(known)) or 'none'}",
            "Set the target up on the server first (MINIO_NOTIFY_*). Nothing was changed.",
        )
