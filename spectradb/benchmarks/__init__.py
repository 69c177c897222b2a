"""Benchmarks: what measuring identifications needs beyond SQL, such as how alike the structures are that searches confuse."""
