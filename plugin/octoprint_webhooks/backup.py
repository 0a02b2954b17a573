"""What OctoPrint's backup leaves out.

The hooks themselves belong in it. Deliveries on their way do not: restored, they would be sent again.
"""

from __future__ import annotations

from typing import Any


def additional_excludes(*_args: Any, **_kwargs: Any) -> list[str]:
    """Paths below the plugin's data folder."""
    return ["state"]
