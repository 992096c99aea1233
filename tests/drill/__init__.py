"""The restore drill: a lost host and a lost store, had back from the store that is left, and compared bit by bit."""
