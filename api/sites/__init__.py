"""Places of a district: areas, feeders, transformers, switches, service points and meters."""
