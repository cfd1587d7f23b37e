"""Tests mirror the code; `tests.makers` builds what their stories need."""
