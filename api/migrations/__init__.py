"""The database's schema, step by step; each step works with the code before and after it."""
