"""What keeps people from using a page, as axe-core finds it: contrast, names, roles, focus.

In: a visit of somebody. Out: sentences, one for each thing that axe calls serious or critical.
"""

from __future__ import annotations

import importlib.resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.visit import Visit

PAGE = "#webhooks_page"

_LOOK = """async (place) => {
    const {violations} = await axe.run(place, {resultTypes: ["violations"]});
    return violations.flatMap(({id, impact, nodes}) => nodes.map(({target, failureSummary}) =>
        ({id, impact, target: target.join(" "), why: failureSummary})));
}"""

_GRAVE = ("serious", "critical")


def grave(person: Visit, state: str) -> list[str]:
    """What is serious or critical on this plugin's page as it stands; `state` names that."""
    if person.page.evaluate("typeof axe") == "undefined":
        source = importlib.resources.files("axe_playwright_python").joinpath("axe.min.js")
        person.page.add_script_tag(content=source.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = person.page.evaluate(_LOOK, PAGE)
    return [
        f"{state}: {one['id']} at {one['target']}: {' '.join(str(one['why']).split())}"
        for one in found
        if one["impact"] in _GRAVE
    ]
