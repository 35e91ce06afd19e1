"""An error in one line, for lists of workflows and of tasks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wftui.present.text import one_line, visible

if TYPE_CHECKING:
    from wftui.model.task import ErrorInfo

# Every module in a class's name, those of a wrapped class in parentheses included.
_MODULES = re.compile(r"\w+\.")


def error_text(error: ErrorInfo) -> str:
    """An error in one line: the class without its module, and the first line of the message."""
    message = one_line(error.message)
    kind = visible(_MODULES.sub("", error.type)) if error.type else ""
    return f"{kind}: {message}" if kind and message else kind or message
