"""The tests; `python -m tests.reference` and `python -m tests.benchmarks` live here too."""
