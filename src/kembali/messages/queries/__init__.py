"""Read requests, mails and the policy."""
