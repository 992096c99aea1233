"""The index of a prefix, in files and in the bucket, and whether it tells the truth."""
