"""The SDK's client for MinIO's admin API, whose refusals know which action they are about."""

from __future__ import annotations

from enum import Enum
from typing import Any, Mapping

from ...s3.pool import http_pool
from ...s3.sdk import MinioAdminException
from ...values.model import Connection
from .sdk import COMMAND, MinioAdmin, StaticProvider


class Command(Enum):
    """Commands that the SDK does not know."""

    ACCESS_KEYS = "list-access-keys-bulk"
    END_SESSIONS = "revoke-tokens/builtin"


#: The action of each command that we use (admin-handlers*.go), after ``admin:``.
ACTIONS: Mapping[Enum, str] = {
    COMMAND.ADD_USER: "CreateUser",
    COMMAND.USER_INFO: "GetUser",
    COMMAND.LIST_USERS: "ListUsers",
    COMMAND.REMOVE_USER: "DeleteUser",
    COMMAND.SET_USER_STATUS: "EnableUser",
    COMMAND.ADD_CANNED_POLICY: "CreatePolicy",
    COMMAND.REMOVE_CANNED_POLICY: "DeletePolicy",
    COMMAND.CANNED_POLICY_INFO: "GetPolicy",
    COMMAND.SET_BUCKET_QUOTA: "SetBucketQuota",
    COMMAND.GET_BUCKET_QUOTA: "GetBucketQuota",
    COMMAND.ADD_UPDATE_REMOVE_GROUP: "AddUserToGroup",
    COMMAND.SET_GROUP_STATUS: "EnableGroup",
    COMMAND.GROUP_INFO: "GetGroup",
    COMMAND.SERVICE_ACCOUNT_INFO: "ListServiceAccounts",
    COMMAND.SERVICE_ACCOUNT_ADD: "CreateServiceAccount",
    COMMAND.SERVICE_ACCOUNT_UPDATE: "UpdateServiceAccount",
    COMMAND.SERVICE_ACCOUNT_DELETE: "RemoveServiceAccount",
    COMMAND.IDP_BUILTIN_POLICY_ATTACH: "AttachUserOrGroupPolicy",
    COMMAND.IDP_BUILTIN_POLICY_DETACH: "AttachUserOrGroupPolicy",
    COMMAND.IDP_BUILTIN_POLICY_ENTITIES: "ListUserPolicies",
    COMMAND.GET_KMS_KEY_STATUS: "KMSKeyStatus",
    COMMAND.INFO: "ServerInfo",
    Command.ACCESS_KEYS: "ListServiceAccounts",
    Command.END_SESSIONS: "RemoveServiceAccount",
}


class AdminSession(MinioAdmin):
    """As the SDK's; what is raised for a refusal has ``needs``, the action that would have to be allowed."""

    def _url_open(self, *, command: COMMAND, **named: Any) -> Any:
        try:
            return super()._url_open(command=command, **named)
        except MinioAdminException as error:
            if command in ACTIONS:
                error.needs = f"admin:{ACTIONS[command]}"  # type: ignore[attr-defined]
            raise


def admin_session(connection: Connection) -> MinioAdmin:
    """The client for a connection."""
    return AdminSession(
        endpoint=connection.address,
        credentials=StaticProvider(connection.access_key or "", connection.secret_key or "", connection.session_token),
        region=connection.region or "",
        secure=connection.secure,
        http_client=http_pool(connection),
    )
