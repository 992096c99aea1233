"""The acceptance of a store: what was seen is judged, worded and shown. It changes nothing in the store."""
