"""Promises to customers: who gave which window to whom, and what became of it."""
