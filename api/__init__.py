"""The server: capabilities as vertical slices over one database."""
