"""How Zhiban speaks: one template for each kind of message and language."""
