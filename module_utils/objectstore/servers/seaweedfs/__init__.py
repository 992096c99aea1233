"""SeaweedFS, a distributed store whose S3 gateway has the IAM API of AWS."""
