"""The Absurd demonstration: a PostgreSQL in a temporary folder, live workers, and workflow runs with definitions."""
