"""Check the house rules that no linter knows: room cards, mirror tests, size budgets.

A room is a package. Its `__init__.py` is a card of five lines (`CARD_KEYS`; a title line may stand above it) and
re-exports, nothing else, so that a reader learns what belongs in a room before opening a file of it. Every source file
has its mirror test at the same place of the member's `tests/unit`, so that a file's test is found without searching.
Files, functions and parameter lists stay small enough to be read whole.

A rule may be broken with a reason on the spot, on the line of the `def` or the one above it (`function-lines`,
`parameters`) or anywhere in the file (`file-lines`, `mirror`):

    # rooms: allow function-lines because the phases of one exchange are read top to bottom

Every problem is printed as `file:line: message`; the exit status is 1 when there is one.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

CARD_KEYS: Final = ("Purpose:", "May import:", "May touch:", "I/O:", "Tested by:")
MAX_FILE_LINES: Final = 400
MAX_FUNCTION_LINES: Final = 64
MAX_PARAMETERS: Final = 5
ALLOWANCE: Final = re.compile(r"#\s*rooms:\s*(?P<rest>.*)")
GRANT: Final = re.compile(r"allow (?P<rule>file-lines|function-lines|parameters|mirror) because \S.*")
WITHOUT_MIRROR: Final = frozenset({"__init__.py", "__main__.py"})


class Member(NamedTuple):
    """One tree of sources and where its mirror tests stand, both relative to the repository."""

    sources: str
    mirrors: str
    has_cards: bool


MEMBERS: Final = (
    Member("servicekit/src/servicekit", "servicekit/tests/unit", has_cards=True),
    Member("gateway/src/moongate", "gateway/tests/unit", has_cards=True),
    Member("invsys/src/invsys", "invsys/tests/unit", has_cards=True),
    Member("accounts/src/accounts", "accounts/tests/unit", has_cards=True),
    Member("tools", "tests/unit/tools", has_cards=False),
)


class Problem(NamedTuple):
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass
class Allowances:
    """The `# rooms: allow ...` comments of one file; one that excuses nothing is a problem itself."""

    by_line: dict[int, str] = field(default_factory=dict)
    malformed: list[int] = field(default_factory=list)
    used: set[int] = field(default_factory=set)

    def take(self, rule: str, lines: range | None = None) -> bool:
        for line, allowed in self.by_line.items():
            if allowed == rule and (lines is None or line in lines):
                self.used.add(line)
                return True
        return False


def read_allowances(text: str) -> Allowances:
    found = Allowances()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT or not (comment := ALLOWANCE.fullmatch(token.string)):
            continue
        if grant := GRANT.fullmatch(comment["rest"]):
            found.by_line[token.start[0]] = grant["rule"]
        else:
            found.malformed.append(token.start[0])
    return found


def check_repository(root: Path) -> list[Problem]:
    """Return every breach under `root`, ordered by file and line."""
    problems: list[Problem] = []
    for member in MEMBERS:
        for path in sorted((root / member.sources).rglob("*.py")):
            if "migrations" not in path.relative_to(root).parts:
                problems += check_file(root, member, path)
        if member.has_cards:
            problems += missing_cards(root, root / member.sources)
    return sorted(problems)


def check_file(root: Path, member: Member, path: Path) -> list[Problem]:
    name = path.relative_to(root).as_posix()
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        return [Problem(name, error.lineno or 1, f"does not parse: {error.msg}")]
    allowances = read_allowances(text)
    findings = list(size_findings(text, tree, allowances))
    if path.name == "__init__.py" and member.has_cards:
        findings += card_findings(tree)
    if path.name not in WITHOUT_MIRROR:
        mirror = mirror_of(root, member, path)
        if not mirror.is_file() and not allowances.take("mirror"):
            findings.append((1, f"has no mirror test: write {mirror.relative_to(root).as_posix()}"))
    findings += [(line, "a room comment reads `# rooms: allow RULE because REASON`") for line in allowances.malformed]
    for line in sorted(allowances.by_line.keys() - allowances.used):
        findings.append((line, f"allows {allowances.by_line[line]}, but nothing here needs it: remove the comment"))
    return [Problem(name, line, message) for line, message in findings]


def mirror_of(root: Path, member: Member, source: Path) -> Path:
    inside = source.relative_to(root / member.sources)
    return root / member.mirrors / inside.parent / f"test_{inside.name}"


def missing_cards(root: Path, package: Path) -> Iterator[Problem]:
    for directory in sorted({path.parent for path in package.rglob("*.py")}):
        inside = directory.relative_to(root)
        if "migrations" not in inside.parts and not (directory / "__init__.py").is_file():
            yield Problem((inside / "__init__.py").as_posix(), 1, "is absent: every room has its card")


def card_findings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    card = (ast.get_docstring(tree) or "").splitlines()
    if len(card) > 2 and not card[0].startswith(CARD_KEYS[0]) and not card[1]:
        del card[:2]  # the title
    if len(card) != len(CARD_KEYS):
        yield 1, f"the room card has {len(card)} lines, not the {len(CARD_KEYS)} of {' '.join(CARD_KEYS)}"
    elif wrong := [key for key, line in zip(CARD_KEYS, card, strict=True) if not line.startswith(f"{key} ")]:
        yield 1, f"the room card misses or misplaces {' '.join(wrong)}"
    for statement in tree.body:
        if not (is_docstring(statement) or is_reexport(statement)):
            yield statement.lineno, "a room's __init__.py holds its card and re-exports, no logic"


def is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def is_reexport(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return True
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    return isinstance(target, ast.Name) and target.id == "__all__"


def size_findings(text: str, tree: ast.Module, allowances: Allowances) -> Iterator[tuple[int, str]]:
    lines = len(text.splitlines())
    if lines > MAX_FILE_LINES and not allowances.take("file-lines"):
        yield 1, f"has {lines} lines: {MAX_FILE_LINES} at most"
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        near = range(min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1, node.body[0].lineno)
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > MAX_FUNCTION_LINES and not allowances.take("function-lines", near):
            yield node.lineno, f"{node.name} has {length} lines: {MAX_FUNCTION_LINES} at most"
        count = parameters_of(node)
        if count > MAX_PARAMETERS and not allowances.take("parameters", near):
            yield node.lineno, f"{node.name} has {count} parameters: {MAX_PARAMETERS} at most, else a settings struct"


def parameters_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count what a caller can pass; the receiver of a method is not a parameter."""
    positional = [*node.args.posonlyargs, *node.args.args]
    receiver = bool(positional) and positional[0].arg in {"self", "cls"}
    extra = [one for one in (node.args.vararg, node.args.kwarg) if one]
    return len(positional) - receiver + len(node.args.kwonlyargs) + len(extra)


def main(arguments: list[str]) -> int:
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    problems = check_repository(root)
    for problem in problems:
        print(problem)
    print(f"rooms: {len(problems)} problem(s)" if problems else "rooms: cards, mirror tests and budgets hold")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
