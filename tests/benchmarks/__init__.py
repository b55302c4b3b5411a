"""The figures of performance.md, measured: `python -m tests.benchmarks`. Ratios in one run, never asserted."""
