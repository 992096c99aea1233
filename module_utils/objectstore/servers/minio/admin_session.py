"""The SDK's client for MinIO's admin API, whose refusals know which action they are about."""

from __future__ import annotations

from typing import Any

from minio import MinioAdmin
from minio.credentials.providers import StaticProvider
from minio.error import MinioAdminException
from minio.minioadmin import _COMMAND

from ...s3.session import http_pool
from ...values.model import Connection

#: The action of each command that we use (admin-handlers*.go), after ``admin:``.
ACTIONS = {
    _COMMAND.ADD_USER: "CreateUser",
    _COMMAND.USER_INFO: "GetUser",
    _COMMAND.LIST_USERS: "ListUsers",
    _COMMAND.REMOVE_USER: "DeleteUser",
    _COMMAND.SET_USER_STATUS: "EnableUser",
    _COMMAND.ADD_CANNED_POLICY: "CreatePolicy",
    _COMMAND.REMOVE_CANNED_POLICY: "DeletePolicy",
    _COMMAND.CANNED_POLICY_INFO: "GetPolicy",
    _COMMAND.SET_BUCKET_QUOTA: "SetBucketQuota",
    _COMMAND.GET_BUCKET_QUOTA: "GetBucketQuota",
    _COMMAND.ADD_UPDATE_REMOVE_GROUP: "AddUserToGroup",
    _COMMAND.SET_GROUP_STATUS: "EnableGroup",
    _COMMAND.GROUP_INFO: "GetGroup",
    _COMMAND.SERVICE_ACCOUNT_INFO: "ListServiceAccounts",
    _COMMAND.SERVICE_ACCOUNT_ADD: "CreateServiceAccount",
    _COMMAND.SERVICE_ACCOUNT_UPDATE: "UpdateServiceAccount",
    _COMMAND.SERVICE_ACCOUNT_DELETE: "RemoveServiceAccount",
    _COMMAND.IDP_BUILTIN_POLICY_ATTACH: "AttachUserOrGroupPolicy",
    _COMMAND.IDP_BUILTIN_POLICY_DETACH: "AttachUserOrGroupPolicy",
    _COMMAND.IDP_BUILTIN_POLICY_ENTITIES: "ListUserPolicies",
    _COMMAND.GET_KMS_KEY_STATUS: "KMSKeyStatus",
    _COMMAND.INFO: "ServerInfo",
}


class AdminSession(MinioAdmin):
    """As the SDK's; what is raised for a refusal has ``needs``, the action that would have to be allowed."""

    def _url_open(self, *, command: _COMMAND, **named: Any) -> Any:
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
