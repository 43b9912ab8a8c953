"""What the duty desk can do, one folder a capability; ``bot/capabilities.py`` lists them."""
