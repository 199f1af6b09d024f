"""撤销: what one act changed in many rows is put back, as far as nobody has changed it since."""
