"""What becomes of a remark: where it stands now, what a proposal would change, what is alike, what a meeting agreed."""
