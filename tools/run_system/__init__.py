"""Start the whole system on one machine: `make run`, and the ground the end-to-end tests stand on."""
