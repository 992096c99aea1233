"""Other stores than MinIO: what each does, tried on real servers, and the page of documentation that says so."""
