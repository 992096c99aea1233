"""The two commands on a machine that has next to nothing: ``make bare``."""
