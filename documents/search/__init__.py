"""Search over what somebody may read, in any form of the words, alike on SQLite and PostgreSQL.

`index` keeps the passages, `tokens` their words in the database's own kind of table, `question` reads what was typed,
`finding` finds.
"""
