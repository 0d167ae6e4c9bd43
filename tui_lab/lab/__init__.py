"""The language of the lab: what the author of a scenario imports. Needs numpy only."""
