"""Fuzzers: tasks that nobody would write, made of the modules' argument specs, and what must hold for each of them."""
