"""What is done near the data, in the driver or in the observer: looks at the manager, Ray's tasks, output of tasks.

See `operations.py` for how to add one.
"""
