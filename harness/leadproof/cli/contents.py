"""What `leadproof --help` shows: the table of contents of the program.

It stands here as text, so that it is shown without importing the command line library or any command: loading the
library alone takes as long as argparse takes to do all of it (performance.md "What follows", 8).
"""

from __future__ import annotations

TITLE = "Proves that leads flow between a CRM and a marketing-automation tool, before going live."
PARTS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "Prove that leads flow",
        (
            ("run", "runs:run", "Run scenarios: do leads flow?"),
            ("retry", "runs:retry", "Run again what did not pass last time"),
            ("clean", "cleaning:clean", "Remove what a killed live run left behind"),
            ("doctor", "diagnosing:doctor", "Look for mistakes before anything runs"),
            ("explain", "texts:explain", "Say what a finding's code means"),
            ("mutate", "mutating:mutate", "Plant mistakes: would you notice them?"),
        ),
    ),
    (
        "Set up your own",
        (
            ("init", "files:init", "Write files to start from"),
            ("import-schema", "schemas:import_schema", "Take a Salesforce org's custom fields"),
            ("schema", "texts:schema", "Print the JSON Schema of our files"),
            ("config", "configuring:config", "Show which options hold here, and why"),
            ("completion", "configuring:completion", "Print what a shell needs to complete"),
        ),
    ),
    (
        "Serve both systems",
        (
            ("up", "running:up", "Serve both systems until interrupted"),
            ("sync", "running:sync", "Press Sync in the running sandbox"),
            ("install", "running:install", "Add the CRM fields that marketing needs"),
            ("import", "running:import_", "Import a CSV file, every row accounted for"),
            ("reset", "running:reset", "Put the running sandbox back to its recipe"),
        ),
    ),
    (
        "Keep what went wrong",
        (
            ("record", "replaying:record", "Keep all that reproduces it in one file"),
            ("replay", "replaying:replay", "Say FIXED, FAILED, ERROR or PASSED"),
            ("case", "casework:case_app", "Look at cases, make others of them"),
        ),
    ),
)
"""Heading -> its commands: name, `module:attribute` in this package, what it does in under 45 letters."""

PLACES = {name: place for _, rows in PARTS for name, place, _ in rows}
SHORT = {name: short for _, rows in PARTS for name, _, short in rows}


def help_text() -> str:
    """The text of `leadproof --help`; no line is wider than 80 columns, whatever the terminal's width."""
    width = max(map(len, SHORT))
    title = TITLE.replace("tool, ", "tool,\n  ")
    lines = ["Usage: leadproof [OPTIONS] COMMAND [ARGS]...", "", f"  {title}"]
    for heading, rows in PARTS:
        lines += ["", f"{heading}:", *(f"  {name:<{width}}  {short}" for name, _, short in rows)]
    lines += [
        "",
        "Options:",
        f"  {'--version':<{width}}  Show the version",
        f"  {'-h, --help':<{width}}  Show this text",
    ]
    lines += ["", "`leadproof run` alone runs the shipped checklist.", "`leadproof COMMAND --help` tells its options."]
    return "\n".join(lines) + "\n"
