"""The local side: folders, digests of files, small files written whole, and what GeoTIFFs and CSV files hold."""
