"""Byte stores under the storage readers: scan a prefix, read bounded ranges, watch where it can."""
