"""Figures about the tests themselves, as docs/testing.md shows them: coverage, mutants, flaky tests, versions."""
