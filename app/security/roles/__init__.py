"""Roles as data: who may give them, roles that an office composes, and what each role may."""
