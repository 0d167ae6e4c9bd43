"""A run on disk and on its socket: what both sides of the process border share."""
