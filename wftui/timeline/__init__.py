"""The timeline of a workflow: from its tasks to bars in cells. Pure; it groups and folds as the graph does."""
