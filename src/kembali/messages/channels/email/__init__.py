"""E-mail: by a real mail server, or into the built-in mailbox."""
