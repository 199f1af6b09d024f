"""The demo's commands: load it, play the loop once, name the inspectors of a draw."""
