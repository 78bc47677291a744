"""What comes back: bytes to outputs, refusals and broken exchanges to failures."""
