"""The rules: pure functions and frozen dataclasses, without I/O, clock reads or awaits."""
