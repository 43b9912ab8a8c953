"""What a handler is given and what it may say: one event in, rows out."""
