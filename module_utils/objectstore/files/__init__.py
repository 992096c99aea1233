"""Small parts of the local side: digests and their cache, text files written whole, spools."""
