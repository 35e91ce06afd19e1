"""Frozen domain types, shared by every engine. Standard library only: this also runs inside a cluster."""
