"""Ceph, whose object gateway (RGW) has users by an API of its own, and their policies by AWS's."""
