"""Insight: figures of service, each of which opens into the rows that it counted, and reports."""
