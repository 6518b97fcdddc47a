"""One instance of an Evenkeel service, written from docs/protocol.md alone. See ../README.md."""
