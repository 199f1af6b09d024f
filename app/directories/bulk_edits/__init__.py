"""批量修改: one change of many rows, looked at first, counted afterwards, undone within thirty days."""
