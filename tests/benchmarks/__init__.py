"""The figures that `make bench` prints: ratios against a named alternative, measured in the same minutes."""
