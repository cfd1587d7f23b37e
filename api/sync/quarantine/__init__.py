"""Quarantine: operations that were not let in, each whole, for the office to decide."""
