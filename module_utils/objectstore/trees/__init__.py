"""A folder and a bucket as two ends with the same verbs: list in order, read, write and prove, remove."""
