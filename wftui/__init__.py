"""wftui: a terminal monitor for durable workflows."""

__version__ = "0.1.0"
