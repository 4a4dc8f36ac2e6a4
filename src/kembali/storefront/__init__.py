"""What a shopper's browser asks for: the snippet, and the answers with which other vendors' browser SDKs start."""
