"""Bundles: an order as one file that anybody can check, without this server and for years."""
