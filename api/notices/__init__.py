"""Notices: the one place from which anything leaves the house to a person, by whatever channel."""
