"""Policy documents that MinIO holds, and ones that it cannot, each with a word of why."""

from __future__ import annotations

from typing import Any

READ: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}


def document(**changes: Any) -> dict[str, Any]:
    """A policy of one statement; a change to ``None`` takes the field away."""
    statement = {key: value for key, value in {**READ, **changes}.items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [statement]}


def condition(operator: str, key: str, value: Any, action: str = "s3:GetObject") -> dict[str, Any]:
    return document(Condition={operator: {key: value}}, Action=action)


#: Policies of identities that it holds.
GOOD = [
    document(),
    document(Action=["s3:Get*", "s3:ListBucket"]),
    document(Action="s3:*", Resource="*"),
    document(Action="*", Resource="arn:aws:s3:::*"),
    document(Sid="mine"),
    document(Resource=None, NotResource="arn:aws:s3:::b/*"),
    document(Action="admin:ServerInfo", Resource=None),
    document(Action="admin:*", Resource="arn:aws:s3:::*"),
    document(Action="kms:ListKeys", Resource=None),
    document(Action="kms:CreateKey", Resource="arn:minio:kms:::k*"),
    condition("StringLike", "s3:prefix", "a/*", "s3:ListBucket"),
    condition("ForAnyValue:StringEquals", "s3:ExistingObjectTag/team", ["a", "b"]),
    condition("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "192.168.1.1"]),
    condition("Bool", "aws:SecureTransport", value=False),
    condition("NumericLessThanEquals", "s3:max-keys", 10, "s3:ListBucket"),
    condition("DateLessThan", "aws:CurrentTime", "2027-01-01T00:00:00Z"),
    condition("Null", "s3:versionid", "true"),
]

#: Those that it refuses, changes, or cannot read again.
BAD = [
    (document(Action=None, NotAction="s3:GetObject"), "cannot hold NotAction"),
    (document(Principal="*"), "drops the Principal"),
    (document(NotPrincipal={"AWS": "x"}), "cannot hold NotPrincipal"),
    (document(action="s3:GetObject"), "drops the field action"),
    (document(Action="s3:GetObjekt"), "did you mean s3:GetObject?"),
    (document(Action="s3:getobject"), "did you mean s3:GetObject?"),
    (document(Action="s3:[Gg]etObject"), "knows no action"),
    (document(Action="s3"), "knows no action 's3'"),
    (document(Action="admin:Server*", Resource=None), "knows no action 'admin:Server*'"),
    (document(Action=["s3:GetObject", "admin:ServerInfo"]), "actions of admin and s3"),
    (document(Action=["*", "s3:GetObject"], Resource="*"), "actions of s3 and sts"),
    (document(Action="*"), "ignores the Resource"),
    (document(Action=[]), "no Action"),
    (document(Resource=None), "no Resource"),
    (document(Resource="b/*"), "'b/*' is no resource"),
    (document(Resource="arn:aws:s3:::"), "is no resource"),
    (document(Resource="arn:aws:s3:::/b"), "is no resource"),
    (document(NotResource="arn:aws:s3:::c"), "both Resource and NotResource"),
    (document(Action="kms:CreateKey"), "is no resource"),
    ({**document(), "Version": "2008-10-17"}, "only the Version 2012-10-17"),
    ({**document(), "Comment": "x"}, "drops the field Comment"),
    (document(Resource=[f"arn:aws:s3:::b/{number}" for number in range(2000)]), "at most 20480"),
    (condition("StringMatches", "s3:prefix", "x"), "no condition operator 'StringMatches'"),
    (condition("Any:StringLike", "aws:username", "x"), "no condition operator"),
    (condition("StringEquals", "aws:sourceip", "x"), "did you mean aws:SourceIp?"),
    (condition("StringLike", "s3:prefix", "x"), "s3:prefix does not go with s3:GetObject"),
    (condition("IpAddress", "aws:SourceIp", "10.0.0.0/33"), "'10.0.0.0/33'"),
    (condition("IpAddress", "aws:username", "10.0.0.0/8"), "goes with aws:SourceIp only"),
    (condition("Bool", "aws:username", "true"), "goes with aws:SecureTransport only"),
    (condition("NumericEquals", "s3:max-keys", [1, 2], "s3:ListBucket"), "takes one value"),
    (condition("NumericEquals", "s3:max-keys", "many", "s3:ListBucket"), "'many'"),
    (condition("DateLessThan", "aws:CurrentTime", "tomorrow"), "'tomorrow'"),
]


def opened(**changes: Any) -> dict[str, Any]:
    return document(**{"Principal": "*", **changes})


#: Policies of bucket b; without a word, it can hold them.
OF_BUCKET = [
    (opened(), ""),
    (opened(Principal={"AWS": ["*"]}), ""),
    (opened(Resource="arn:aws:s3:::*"), ""),
    (opened(Resource="arn:aws:s3:::?/*"), ""),
    (opened(Resource=None, NotResource="arn:aws:s3:::b/x/*"), ""),
    (opened(Action="s3:ListBucket", Resource="arn:aws:s3:::b"), ""),
    (opened(Action="*"), ""),
    (document(), "Principal has to be"),
    (opened(Principal={"Federated": "x"}), "Principal has to be"),
    (opened(Principal="me"), "Principal has to be"),
    (document(NotPrincipal={"AWS": "x"}), "cannot hold NotPrincipal"),
    (opened(Resource="arn:aws:s3:::c/*"), "not of bucket b"),
    (opened(Resource="arn:aws:s3:::b"), "needs a resource below the bucket"),
    (opened(Action="s3:ListBucket"), "needs the bucket as a resource"),
    (opened(Action="admin:ServerInfo"), "no action on buckets and objects"),
    (opened(Action="s3:GetObjekt"), "knows no action"),
]
