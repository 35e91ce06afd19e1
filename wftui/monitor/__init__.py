"""The refresh loop: intervals, backoff, in-flight guard, diffs. One monitor for the app."""
