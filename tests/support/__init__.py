"""What the demonstration and the tests stand on: a real MinIO, a second client, faults, and sample data."""
