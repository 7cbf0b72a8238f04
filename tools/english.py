#!/usr/bin/python3
"""Prints how often this project's text breaks its rules of style, per 1,000 comments, names or sentences.

usage: tools/english.py [--revision REV] [--path PREFIX]... [--list ROW]

Without --revision, the files of the working tree are read, committed or not. --path limits all but commits to files whose path
has one of these prefixes. --list prints the texts that a row counts: comments, tests, docs, messages or commits. The words are
in tools/words.py.
"""

from __future__ import annotations

import argparse
import io
import re
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import words

COMMITS = 60
SUBJECT_LIMIT = 60

Rule = Callable[[str], bool]


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, check=True).stdout


def is_ours(path: str) -> bool:
    """Fixtures and corpora are inputs, not text of this project."""
    return not path.startswith(("fixtures/", "test/fuzz/corpus/"))


def working_tree() -> dict[str, str]:
    names = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").decode().split("\0")
    paths = {name: ROOT / name for name in names if name and is_ours(name)}
    return {name: path.read_text(errors="replace") for name, path in paths.items() if path.is_file() and not path.is_symlink()}


def revision_tree(revision: str) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(git("archive", "--format=tar", revision))) as archive:
        members = [member for member in archive if member.isfile() and is_ours(member.name)]
        return {member.name: archive.extractfile(member).read().decode(errors="replace") for member in members}


def comments(tree: dict[str, str]) -> Iterable[str]:
    for name, source in tree.items():
        first_line = source.partition("\n")[0]
        if name.endswith((".cpp", ".h", ".inc")):
            yield from words.cpp_comments(source)
        elif name.endswith(".py") or re.match("#!.*python", first_line):
            yield from words.python_comments(source)
        elif name.endswith(".sh") or re.match("#!.*sh$", first_line):
            yield from words.shell_comments(source)


def test_names(tree: dict[str, str]) -> Iterable[str]:
    for name, source in tree.items():
        if name.startswith("test/"):
            yield from words.test_names(name, source)


def docs(tree: dict[str, str]) -> Iterable[str]:
    for name, source in tree.items():
        if name.endswith(".md"):
            yield from words.prose(source)


def messages(tree: dict[str, str]) -> Iterable[str]:
    for name, source in tree.items():
        if name.startswith("src/") and name.endswith((".cpp", ".h", ".inc")):
            yield from words.cpp_messages(source)


def subjects(revision: str) -> list[str]:
    return git("log", f"-{COMMITS}", "--no-merges", "--format=%s", revision).decode().splitlines()


def areas(tree: dict[str, str]) -> set[str]:
    """Returns the names that a commit's subject may begin with: the folders, and the scripts and documents without suffix."""
    folders = {part for name in tree for part in name.split("/")[:-1]}
    return folders | {name.rpartition("/")[2].partition(".")[0] for name in tree if name.startswith(("script/", "docs/", "tools/"))}


def is_not_imperative(subject: str) -> bool:
    """Returns whether the text behind the area does not begin with a capitalised verb in its base form, as far as its ending shows."""
    verb = subject.partition(": ")[2].partition(" ")[0]
    return not re.match("[A-Z][a-z-]+$", verb) or bool(re.search("(?:[^s]s|ed|ing|ly)$", verb)) or verb in words.VAGUE_STARTS


TEXT_RULES: dict[str, Rule] = {
    "begins with What/Those/That": words.begins_vaguely,
    "told/tell": words.has_talk,
    '"is no/is none"': words.is_negative_definition,
    "phrases of the word list": lambda text: any(words.findings(text)),
}
NAME_RULES: dict[str, Rule] = {
    "riddles": words.is_riddle,
    "begins with What/Those/That": lambda name: words.begins_vaguely(name.removeprefix("test_").capitalize().replace("_", " ")),
    "longer than 60 characters": lambda name: len(name) > SUBJECT_LIMIT,
}


def subject_rules(known: set[str]) -> dict[str, Rule]:
    return {
        "longer than 60 characters": lambda subject: len(subject) > SUBJECT_LIMIT,
        'with "and"': lambda subject: " and " in subject,
        "unknown area": lambda subject: subject.partition(": ")[0] not in known,
        "not imperative": is_not_imperative,
        "begins with What/Those/That": lambda subject: words.begins_vaguely(subject.partition(": ")[2]),
    }


def show(title: str, unit: str, texts: list[str], rules: dict[str, Rule], list_texts: bool) -> None:
    print(f"{title} ({len(texts)} {unit})")
    for name, rule in rules.items():
        found = [text for text in texts if rule(text)]
        rate = 1000 * len(found) / max(1, len(texts))
        print(f"  {name:<30} {len(found):>5} {rate:>7.1f} per 1,000")
        if list_texts:
            for text in found:
                print(f"      {text}")


def main() -> int:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revision", metavar="REV", help="read this commit instead of the working tree")
    parser.add_argument("--path", metavar="PREFIX", action="append", default=[], help="read only files below this path (repeatable)")
    parser.add_argument("--list", metavar="ROW", choices=("comments", "tests", "docs", "messages", "commits"))
    options = parser.parse_args()
    whole = revision_tree(options.revision) if options.revision else working_tree()
    tree = {name: source for name, source in whole.items() if name.startswith(tuple(options.path) or "")}
    for title, unit, texts, rules in (
        ("comments", "comments and docstrings", comments(tree), TEXT_RULES),
        ("tests", "names", test_names(tree), NAME_RULES),
        ("docs", "sentences", docs(tree), TEXT_RULES),
        ("messages", "strings in src", messages(tree), TEXT_RULES),
        ("commits", "subjects", subjects(options.revision or "HEAD"), subject_rules(areas(whole))),
    ):
        show(title, unit, list(texts), rules, options.list == title)
    return 0


if __name__ == "__main__":
    sys.exit(main())
