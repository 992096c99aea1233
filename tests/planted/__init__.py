"""Mistakes as patches, each of which the fast part of the tests must catch by name: ``make planted``."""
