"""From a definition and its arguments to a frozen plan, and how a plan can end."""
