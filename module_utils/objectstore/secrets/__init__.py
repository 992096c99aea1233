"""Secrets of identities: made, kept in a file or in the cluster, rotated."""
