"""The vocabulary that both sides speak: values, field types, criteria, strict documents and their refusals.

Imports neither leadsim nor leadproof (architecture.md "The rules of the house", 1).
"""
