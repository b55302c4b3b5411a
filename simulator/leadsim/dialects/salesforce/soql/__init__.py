"""SOQL: text -> tree (grammar.py) -> plan that names only what the org has (planning.py) -> rows (running.py)."""
