"""Words that this project does not use, and text that they are looked for in: comments, prose, messages, test names.

PHRASES are rejected by `script/lint words`; the other lists are counted by tools/english.py.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import Iterator

# A phrase as a regular expression, and the words to use instead. A space in a phrase also matches a line break, with what continues
# the text behind it. Only phrases that have no other use belong here: a finding is always a mistake.
PHRASES = {
    r"seams?": "interface",
    r"(for a|on) trial|trial run|its trial": "smoke test",
    r"bill of materials": "SBOM",
    r"a blank(?! line)|blanks": "space",
    r"(a|an|the|every|each|no|any|of) line end": "newline",
    r"foreign bytes|strangers?": "untrusted input, another user",
    r"out of reach": "unreachable",
    r"(key|signature|certificate)s?( that)? (has|have|had) run out": "expired",
    r"withdrawn": "revoked",
    r"last good (one|program|binary|version)": "cached fallback",
    r"taken for|goes by|go by": "treated as, uses",
    r"where (it|they|the [\w-]+) (lies|lie|stands|stand)": "is",
    r"(file|archive|directory|cache|image)s? holds?": "contains",
    r"makes? of it|makes? of what|makes? of each|comes of it": "does with, results",
    r"to chance|source of chance": "randomness",
    r"the way back": "rollback",
    r"(both|either|each|two|which|other|one) generations?": "Cedar, Fir",
    r"needless(ly)?|beside the point": "unnecessary, irrelevant",
    r"anew": "again",
    r"mend(s|ed|ing)?": "fix",
    r"(that|which|it|signature|key|digest|one) is (?-i:none)|that are (?-i:none)": "invalid",
    r"(digest|version|address|URL|signature|key) is not one": "is malformed",
    r"answers? no more questions": "rate limit exceeded",
    r"comes? instead|came instead": "the name of the received file",
    r"makes? no sense": "is malformed, is unexpected",
    r"(comes|came|come) about": "fails, succeeds",
    r"(comes|came|come) to a standstill": "stalls",
    r"fault of its own": "internal error",
    r"to be warned alone": "to get a warning instead",
    r"without goodbye|page for people": "closed, HTML page",
    r"(does|do|did|is|be) no harm|no harm (is )?done": "is ignored, is accepted",
    r"cannot but|has only to": "must, can",
}

# The first words of a comment, sentence or name that does not name its subject.
VAGUE_STARTS = ("What", "Whatever", "Whoever", "Whichever", "Those", "That")
# Verbs for people who talk.
TALK = ("tell", "tells", "told", "telling")
# Words of a test name that hide the behavior.
RIDDLES = (
    *("what", "whatever", "whoever", "whichever", "those", "none", "nothing", "nobody"),
    *("tell", "tells", "told", "say", "says", "said"),
)

_BREAK = r"""(?:[ \t]+|[ \t]*["']?[ \t]*\\?\n[ \t]*(?:[*!|>-]|//+!?|#+)?[ \t]*(?:[fr]?["'])?[ \t]*)"""
_PATTERNS = {
    re.compile(rf"(?<![\w-])(?:{phrase.replace(' ', _BREAK)})(?![\w-])", re.IGNORECASE): instead for phrase, instead in PHRASES.items()
}


def findings(text: str) -> Iterator[tuple[int, str, str]]:
    """Yields the line, the phrase and its replacement for each phrase in a text, in the list's order."""
    for pattern, instead in _PATTERNS.items():
        for match in pattern.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, re.sub(r"\s+", " ", re.sub(_BREAK, " ", match[0])), instead


def begins_vaguely(text: str) -> bool:
    return re.match(r"[\"'`(*_]*(?:" + "|".join(VAGUE_STARTS) + r")(?:'s)?\b", text) is not None


def is_negative_definition(text: str) -> bool:
    """Returns whether a text says what something is not: "is no archive", "is none"."""
    return re.search(r"\b(?:is|are|was|were)\s+(?:no|none)\b(?! (?:longer|more|less))", text) is not None


def has_talk(text: str) -> bool:
    return re.search(r"\b(?:" + "|".join(TALK) + r")\b", text, re.IGNORECASE) is not None


def is_riddle(name: str) -> bool:
    """Returns whether a test's name, in CamelCase or snake_case, hides the behavior."""
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name.removeprefix("test_"))]
    return bool(words) and (words[0] == "that" or bool(set(words) & set(RIDDLES)))


def joined(lines: Iterator[tuple[int, bool, str]]) -> Iterator[str]:
    """Yields comments: lines below each other are one, unless code is before them. `lines` has number, code before it?, text."""
    comment, last = "", -1
    for number, follows_code, text in lines:
        if comment and (follows_code or number != last + 1 or not text):
            yield comment
            comment = ""
        comment, last = f"{comment} {text}".strip(), -1 if follows_code else number
    if comment:
        yield comment


def cpp_comments(source: str) -> Iterator[str]:
    """Yields the text of each `//` comment. Strings that contain `//` are not comments."""
    token = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'|//(.*)')
    yield from joined(
        (number, bool(line[: match.start()].strip()), match[1].strip("/! "))
        for number, line in enumerate(source.splitlines())
        for match in token.finditer(line)
        if match[1] is not None
    )


def cpp_messages(source: str) -> Iterator[str]:
    """Yields the text of each string of three words or more. Adjacent strings are one."""
    code = re.sub(r"^\s*(?://|#include|static_assert).*", "", source, flags=re.MULTILINE)
    for match in re.finditer(r'"(?:\\.|[^"\\\n])*"(?:\s*"(?:\\.|[^"\\\n])*")*', code):
        text = "".join(re.findall(r'"((?:\\.|[^"\\\n])*)"', match[0])).replace("\\n", " ").replace('\\"', '"')
        if len(re.findall(r"[A-Za-z]{2,}", text)) >= 3 and " " in text:
            yield text


def shell_comments(source: str) -> Iterator[str]:
    found = ((number, re.match(r"(\s*|.*[;\s])#(?!!)(.*)", line)) for number, line in enumerate(source.splitlines()))
    yield from joined((number, bool(match[1].strip()), match[2].strip("# ")) for number, match in found if match)


def python_comments(source: str) -> Iterator[str]:
    """Yields comments and docstrings."""
    yield from joined(
        (token.start[0], bool(token.line[: token.start[1]].strip()), token.string.strip("# "))
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and not token.string.startswith("#!")
    )
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(node):
            yield " ".join(ast.get_docstring(node).split())


def test_names(path: str, source: str) -> Iterator[str]:
    """Yields the names of the tests in a C++ or Python source."""
    if path.endswith(".cpp"):
        yield from re.findall(r"^(?:TYPED_)?TEST(?:_F|_P)?\(\s*\w+,\s*(\w+)\)", source, re.MULTILINE)
    elif path.endswith(".py"):
        yield from re.findall(r"^ +def (test_\w+)\(", source, re.MULTILINE)


def prose(markdown: str) -> Iterator[str]:
    """Yields the sentences, headings and table cells of a document, without code."""
    text = re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    for block in re.split(r"\n\s*\n|\n(?=\s*[-*#|]|\s*\d+\. )", text):
        for cell in block.split("|") if block.lstrip().startswith("|") else [block]:
            for sentence in re.split(r"(?<=[.:?!])\s+", cell):
                sentence = sentence.strip(" \n#*->")
                if re.search("[A-Za-z]{2}", sentence):
                    yield " ".join(sentence.split())
