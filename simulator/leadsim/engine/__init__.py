"""What every simulated org is made of. No HTTP, no vendor, no wall clock (clock.py is the one exception)."""
