"""AWS's API of identities, which several stores have on the port of S3."""
