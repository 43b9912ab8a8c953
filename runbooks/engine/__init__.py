"""How one step goes, is checked and is taken back; no database, no chat."""
