"""Requests and what else is mailed about an invitation."""
