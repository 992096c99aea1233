"""Our judgement of GeoTIFFs beside GDAL's and rio-cogeo's, over the test images inside public packages."""
