"""Small functions that put what a story needs into a database, one module for each capability."""
