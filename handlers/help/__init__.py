"""Help: is the bot alive, and what may this person do here."""
