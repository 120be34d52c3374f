"""Real processes on free loopback ports for the end-to-end tests; everything started is stopped, whatever happens."""
