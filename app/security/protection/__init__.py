"""Personal data: encrypted at rest, masked where it is shown, and shown in the clear with a reason."""
