"""What an org decides by itself: small functions over criteria, one module a question."""
