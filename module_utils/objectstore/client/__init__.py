"""The store's client: the only part of the engine that knows the SDK (``minio``) and its exceptions."""
