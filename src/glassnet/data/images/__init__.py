"""Images: reading files, folders, tables and arrays into splits."""
