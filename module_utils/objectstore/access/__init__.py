"""Who may do what: policies, users, access keys, signed URLs, and the proof of each by trying it."""
