"""The fake products: an engine of records and rules, a gateway before it, and one dialect for each vendor.

Knows nothing of the harness (architecture.md "The rules of the house", 1).
"""
