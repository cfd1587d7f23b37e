"""Readings: routes of meters, the values read from them, and findings about those values."""
