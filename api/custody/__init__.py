"""Custody: signed checkpoints of what was written, anchored outside of the database."""
