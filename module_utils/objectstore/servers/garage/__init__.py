"""Garage, a distributed store with an admin API on a port of its own, and permissions of keys instead of policies."""
