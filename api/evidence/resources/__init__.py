"""Doors of evidence: declared files for the office, resumable uploads for phones."""

from api.evidence.resources import files, uploads

blueprints = (files.blueprint, uploads.blueprint)
