"""导出: exactly what a list shows, as a file."""
