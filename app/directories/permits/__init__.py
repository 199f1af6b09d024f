"""行政许可: the permits that a target holds; they tell libraries and inspectors what it may do."""
