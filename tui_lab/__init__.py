"""A debugger for gradient descent, in your terminal."""

__version__ = "0.1.0"
