"""Mutation testing for integrations: known mistakes, planted one at a time in the user's own files, and whether the
user's own scenarios notice them (product.md H3)."""
