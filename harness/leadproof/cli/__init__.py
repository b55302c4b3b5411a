"""The command line. Nothing heavy is imported before a command needs it (performance.md "What follows", 8)."""

from leadproof.cli.app import app, main

__all__ = ["app", "main"]
