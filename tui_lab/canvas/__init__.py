"""Drawing: numpy arrays in, terminal cells out. Knows neither Textual nor runs."""
