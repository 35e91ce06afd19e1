"""One screen a file: main, help, confirm, error."""
