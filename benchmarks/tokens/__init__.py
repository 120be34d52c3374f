"""What a token costs in process, beside the signature in it."""
