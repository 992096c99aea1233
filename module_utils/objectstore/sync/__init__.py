"""A folder and a prefix of a bucket: comparing them, planning, sending, removing, reporting."""
