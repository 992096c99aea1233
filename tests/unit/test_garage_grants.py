"""What Garage can give, and what is said where it cannot."""

from __future__ import annotations

import pytest
from ansible.module_utils.objectstore.access.rights import parse_rights
from ansible.module_utils.objectstore.servers.garage.grants import document_of, grants_of, permissions_in
from ansible.module_utils.objectstore.values.errors import UnsupportedError


def right(bucket: str, *can: str, prefix: str = "") -> dict[str, object]:
    return {"bucket": bucket, "prefix": prefix, "can": list(can)}


def test_rights_of_a_bucket_count_together() -> None:
    rights = parse_rights([right("one", "list"), right("one", "read"), right("two", "write", "delete"), right("none")])
    document = grants_of("worker", rights)
    assert permissions_in(document) == {"one": {"read"}, "two": {"write"}}
    assert document == document_of({"one": ["read"], "two": ["write"], "none": []})
    assert grants_of("worker", ()) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (right("one", "write"), "write in one/: on Garage write comes with delete. The nearest that it has is write"),
        (
            right("one", "read"),
            "on Garage read comes with list. The nearest that it has is list, read in the whole bucket",
        ),
        (right("one", "list", "read", "write"), "worker list, read, write in one/: on Garage write comes with delete"),
        (right("one", "list", "read", prefix="in/"), "in one/in/: on Garage keys have rights in whole buckets alone"),
    ],
)
def test_what_it_cannot_tell_apart_is_an_error_that_names_the_nearest(given: dict[str, object], said: str) -> None:
    with pytest.raises(UnsupportedError) as refused:
        grants_of("worker", parse_rights([given]))
    assert said in str(refused.value)
    assert "access_coarser" in str(refused.value)
