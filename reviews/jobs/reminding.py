"""Reminders before the deadline and on it, never in the holidays unless asked for."""
