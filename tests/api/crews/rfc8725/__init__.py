"""The checklist of RFC 8725 (best current practices of JWT), through the doors."""
