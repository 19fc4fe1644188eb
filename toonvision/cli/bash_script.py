"""The script by which bash completes the command line.

Commands, their options and folders are completed by the script itself, and groups, options and keys by a call of
`toonvision completion words`.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping

from toonvision.config.arguments import Command

# In the function, `word` is the one to complete, `words` all words up to it, and `places` what stands after `command`.
# Only the part of a word after the last of COMP_WORDBREAKS is replaced, among which `=` is. Bash 3.2 runs this, too.
_SCRIPT = r"""
_toonvision() {
    local IFS=$' \t\n' line=${COMP_LINE:0:COMP_POINT} command= options words word places place= before=0 first index
    read -r -a words <<< "$line"
    case $line in *[[:space:]]) words+=("") ;; esac
    word=${words[${#words[@]}-1]}
    [ ${#words[@]} -gt 2 ] && command=${words[1]}
    case $command in
@CASES@
    esac
    for ((index = first; index < ${#words[@]} - 1; index++)); do
        case ${words[index]} in -*) ;; *) before=$((before + 1)) ;; esac
    done
    read -r -a places <<< "$places"
    [ $before -lt ${#places[@]} ] || before=$((${#places[@]} - 1))
    [ $before -ge 0 ] && place=${places[before]}
    IFS=$'\n'
    case $word in
    -*) COMPREPLY=($(IFS=' '; compgen -W "$options" -- "$word")) ;;
    *)
        case $place in
        RUN | DIR) COMPREPLY=($(compgen -d -S / -- "$word")) ;;
        DATA)
            COMPREPLY=($(compgen -f -- "$word"))
            compopt -o filenames 2> /dev/null ;;
        GROUP | GROUP=OPTION | OVERRIDE)
            COMPREPLY=($("${words[0]}" completion words "$place" "${words[@]:1}" 2> /dev/null)) ;;
        SHELL) COMPREPLY=($(compgen -W bash -- "$word")) ;;
        *) COMPREPLY=() ;;
        esac
        if [ ${#words[@]} -eq 2 ]; then
            COMPREPLY=($(IFS=' '; compgen -W "@COMMANDS@" -- "$word") "${COMPREPLY[@]}")
        fi
        case $place${#COMPREPLY[@]}$word in OVERRIDE0*=*)
            COMPREPLY=($(compgen -f -P "${word%%=*}=" -- "${word#*=}"))
            compopt -o filenames 2> /dev/null ;;
        esac ;;
    esac
    case ${COMPREPLY[0]} in *[=./]) compopt -o nospace 2> /dev/null ;; esac
    COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*[$COMP_WORDBREAKS]}"}"}")
}
complete -F _toonvision toonvision
"""


def add_completion(parser: argparse.ArgumentParser) -> None:
    """Declare what `completion` takes: a shell."""
    parser.add_argument("shell", metavar="SHELL", choices=["bash"], help='bash: eval "$(toonvision completion bash)"')


def bash_script(commands: Mapping[str, Command], search: Command) -> str:
    """Return the script for some commands, and for the search, which has no name."""
    parsers = {name: command.parser(name) for name, command in commands.items()}
    cases = [_case(name, parser.options(), parser.places(), 2) for name, parser in parsers.items()]
    parser = search.parser("")
    cases.append(_case("*", parser.options(), parser.places(), 1))
    return _SCRIPT.strip().replace("@CASES@", "\n".join(cases)).replace("@COMMANDS@", " ".join(commands))


def _case(name: str, options: list[str], places: list[str], first: int) -> str:
    long = " ".join(option for option in options if option.startswith("--"))
    settings = f"options={shlex.quote(long)} places={shlex.quote(' '.join(places))}"
    return f"    {name}) {settings} first={first} ;;"
