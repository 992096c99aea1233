"""Buckets and their settings: what is wanted, what is there, and the plan between the two."""
