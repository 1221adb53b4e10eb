"""Benchmarks: `python -m benchmarks` measures and prints tables (docs/performance.md).

No test checks the figures: they are measured side by side, and people compare them.
"""
