"""When a workflow will be done, told by earlier runs of it."""
