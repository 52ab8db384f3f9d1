"""The summary of statements: what a round asked, what was said, what came of each remark and why."""
