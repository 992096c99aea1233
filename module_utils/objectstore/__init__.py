"""The engine of geocrop-storage: read the store, plan the change, apply the plan."""
