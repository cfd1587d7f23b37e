"""Taxonomies of complaints, one file each; `service.taxonomy` reads and checks them."""
