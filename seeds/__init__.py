"""Rows that fill a new portal: reference data (real), demo data (fictional). Plain values, no database."""
