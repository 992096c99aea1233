"""Versitygw, which keeps objects as files of a folder."""
