"""Programs that run in the environment of another judge: paths on standard input, one JSON line a file as answer."""
