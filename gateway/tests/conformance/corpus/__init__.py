"""Messages that a gateway must refuse, and messages that it must not: data, one family to a file."""
