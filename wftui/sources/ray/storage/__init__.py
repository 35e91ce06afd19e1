"""Reads the storage of Ray Workflows without Ray. Standard library only: it also runs inside a cluster."""
