"""The one error that the support code raises on purpose."""

from __future__ import annotations


class SupportError(Exception):
    """Something could not be set up. The message is one or a few lines: what, on what, what to do."""
