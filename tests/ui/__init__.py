"""The app, driven by keys and clicks, with real trainers behind it."""
