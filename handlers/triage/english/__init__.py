"""What English-speaking people say to the desk, read by tables of its own; it shares labels and cleaning with the Chinese part."""
