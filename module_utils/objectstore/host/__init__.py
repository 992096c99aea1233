"""The managed host: its Python, a first word with the store, and the files that programs find the store by."""
