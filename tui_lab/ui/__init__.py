"""The viewing side: the app, its screens and widgets."""
