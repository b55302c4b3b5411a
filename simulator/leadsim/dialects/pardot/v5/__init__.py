"""Version 5: REST over collections, JSON only."""
