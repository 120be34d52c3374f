"""What accounts costs: see `__main__`."""
