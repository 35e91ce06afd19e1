"""Where workflows are read from: one package an engine, and the byte stores under the storage readers."""
