"""Jinja pages."""
