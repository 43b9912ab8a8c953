"""What every chat platform needs: the way in, the way out, the pages behind signed links."""
