"""Which database is it? Only the files in here know."""
