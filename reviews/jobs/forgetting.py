"""Removing personal data whose time is over."""
