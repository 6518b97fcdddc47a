"""One instance of an Evenkeel service, that keeps docs/protocol.md. See ../README.md."""
