"""What every page shares: the template engine, which escapes all texts, the style, and the policy of its scripts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from plotly.offline import get_plotlyjs

from toonvision.console import readable
from toonvision.errors import printable

_HERE = Path(__file__).parent


def document(
    template: str, *, scripts: Mapping[str, str], content: Mapping[str, Any], connections: str = "'none'"
) -> str:
    """Return a page as HTML, with its style, its scripts and Plotly in it.

    Args:
        template: name of the file with the page's template.
        scripts: in addition to Plotly, by the name that the template gives to each.
        content: of the template.
        connections: where the scripts may fetch from, as in a content security policy.
    """
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        finalize=lambda value: printable(value) if type(value) is str else value,  # not what is safe already
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["readable"] = readable
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    every = {"plotly": get_plotlyjs(), **scripts}
    html = environment.get_template(template).render(
        policy=_policy(every.values(), connections), style=joined("page.css"), scripts=every, **content
    )
    return html + "\n"


def joined(*names: str) -> str:
    """Return the text of files of this folder, one after the other."""
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


def _policy(scripts: Iterable[str], connections: str) -> str:
    """Return a content security policy that allows these scripts and connections, inline styles and pictures.

    Plotly compiles its WebGL plots, which needs 'unsafe-eval'.
    """
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return (
        f"default-src 'none'; script-src {allowed} 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
        f"base-uri 'none'; form-action 'none'; connect-src {connections}"
    )
