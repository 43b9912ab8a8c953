"""The chat platforms, one folder each; an adapter says what it can do and everything above adapts."""
