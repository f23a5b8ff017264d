"""Small versioned inputs; see SOURCES.md for where each file came from."""
