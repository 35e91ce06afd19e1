"""Absurd: durable tasks in PostgreSQL, and the workflow runs that its tracking client records."""
