"""A command on another machine: SSH, host keys, the record that a host keeps."""
