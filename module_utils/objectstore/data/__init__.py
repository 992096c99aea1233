"""What is in the files: rasters and tables."""
