"""The managed host itself: its Python, its cluster, and the files that programs find the store by."""
