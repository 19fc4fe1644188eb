"""What can be chosen: the options of each config group with their purposes, from the files themselves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from toonvision.config.directory import config_directory
from toonvision.errors import ConfigError, Problem, did_you_mean


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a config group.

    Attributes:
        group: say `tuner`.
        name: say `hyperband`.
        file: that declares it.
    """

    group: str
    name: str
    file: Path

    @property
    def purpose(self) -> str:
        """The first sentence of the comments that the file opens with; empty if it has none."""
        words: list[str] = []
        for line in self.text.splitlines():
            if not line.startswith("#"):
                break
            if "@package" not in line and "yaml-language-server" not in line:
                words += line.lstrip("# ").split()
                if words and words[-1].endswith("."):
                    break
        sentence, end, _ = " ".join(words).partition(". ")
        return sentence + end.strip()

    @property
    def text(self) -> str:
        """The keys of the option with their comments: its file."""
        return self.file.read_text(encoding="utf-8", errors="replace")


def list_options(group: str | None = None) -> list[Option]:
    """Return the options of a group, or of all, sorted; those of `conf/` in the working directory are among them.

    Raises:
        ConfigError: if there is no such group.
    """
    packaged, own = config_directory(), Path("conf")
    found: dict[tuple[str, str], Option] = {}
    for folder in (own, packaged):  # Hydra takes the first of two with one name from the packaged ones
        for file in sorted(folder.rglob("*.yaml")):
            path = file.relative_to(folder).with_suffix("")
            if len(path.parts) > 1:
                option = Option(path.parent.as_posix(), path.name, file)
                found[option.group, option.name] = option
    groups = sorted({name for name, _ in found})
    if group is not None and group not in groups:
        raise ConfigError(
            Problem("", f"one of the groups {', '.join(groups)}", repr(group), did_you_mean(group, groups))
        )
    return [found[key] for key in sorted(found) if group in (None, key[0])]


def find_option(word: str) -> Option:
    """Return the option that `GROUP=OPTION` names.

    Raises:
        ConfigError: if there is none.
    """
    group, sign, name = word.partition("=")
    if not sign:
        raise ConfigError(Problem("", "GROUP=OPTION", repr(word), f"For the options: toonvision list {group}"))
    options = {option.name: option for option in list_options(group)}
    if name not in options:
        raise ConfigError(Problem(group, f"one of {', '.join(options)}", repr(name), did_you_mean(name, options)))
    return options[name]
