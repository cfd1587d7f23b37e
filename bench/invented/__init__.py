"""Invented readings: made days with known inventions, and what the rules find in them."""
