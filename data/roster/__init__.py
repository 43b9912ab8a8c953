"""The duty roster: shifts, their files, what covers what, and how a month is drawn up."""
