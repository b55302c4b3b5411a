"""What every request passes before and after a dialect sees it (architecture.md "The rules of the house", 7)."""
