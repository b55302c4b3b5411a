"""Reports: listeners of a run's one stream of events (formats.md "Events"); each ends by writing its file."""
