"""In which order the files of the integration tests are begun."""

from __future__ import annotations

#: The files that take longest come first, so that no process works on one of them alone at the end.
LONGEST = (
    "test_site_over_ssh.py",
    "test_site.py",
    "test_role.py",
    "test_stores_access.py",
    "test_stores.py",
    "test_environment.py",
    "test_printed_commands.py",
    "test_roles_buckets_access.py",
    "test_several_hosts.py",
    "test_examples.py",
    "test_access_vault.py",
    "test_permissions.py",
    "test_watched_sync.py",
    "test_published.py",
    "test_collection.py",
)
