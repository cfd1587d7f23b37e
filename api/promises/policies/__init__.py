"""The policy sets as data: one TOML file each, with a source for every row."""
