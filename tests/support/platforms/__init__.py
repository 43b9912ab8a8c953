"""Stand-ins of the chat platforms' clouds: real servers on loopback, written from the protocol sheets, that keep a record."""
