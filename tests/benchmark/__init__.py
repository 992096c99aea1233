"""What the engine and its peers cost, and what they get wrong, measured side by side: ``make bench``."""
