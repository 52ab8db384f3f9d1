"""What must not stand in a log."""

import logging
import re

_TOKEN = re.compile(r"(/link/)[\w-]{8,}")


class MaskTokens(logging.Filter):
    """Writes the token of a mailed link as *** in every line: whoever reads a log must not get what the link gives."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        masked = _TOKEN.sub(r"\1***", message)
        if masked != message:
            record.msg, record.args = masked, ()
        return True
