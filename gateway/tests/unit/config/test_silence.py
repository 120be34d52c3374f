"""Comments that silence warnings, and what becomes of comments that do not."""

from __future__ import annotations

from moongate.config.document import Document
from moongate.config.silence import unsilenced

TEXT = """\
a: 1  # moongate: allow code-a because it is meant
# moongate: allow code-b because of this
#   and that
b: 1
c: 1
# moongate: allow code-a because it was needed once
d: 1
e: 1  # moongate: allow code-z because why not
f: 1  # moongate: allow code-a
g: 1  # moongate: shut up
"""


def test_a_warning_is_silenced_on_its_line_or_above_it() -> None:
    document = Document(TEXT, "f.yaml")
    told = [(1, "code-a"), (1, "code-b"), (4, "code-b"), (5, "code-a")]
    warnings = [document.problem_at((line, 1), "look", code=code) for line, code in told]
    assert [str(each) for each in unsilenced(warnings, [document], ["code-a", "code-b"])] == [
        "f.yaml:1:1: look [code-b]",
        "f.yaml:5:1: look [code-a]",
        "f.yaml:6:1: nothing here needs `code-a`: remove the comment [unused-silence]",
        "f.yaml:8:7: no code `code-z`: known are `code-a` and `code-b` [unused-silence]",
        "f.yaml:9:7: write `# moongate: allow CODE because REASON` [unused-silence]",
        "f.yaml:10:7: write `# moongate: allow CODE because REASON` [unused-silence]",
    ]


def test_a_comment_in_one_file_does_not_speak_for_another() -> None:
    one, other = Document(TEXT.split("\n", 1)[0], "f.yaml"), Document("a: 1", "g.yaml")
    warnings = [other.problem_at((1, 1), "look", code="code-a"), one.problem_at((1, 1), "look", code="code-a")]
    assert [str(each) for each in unsilenced(warnings, [one, other], ["code-a"])] == ["g.yaml:1:1: look [code-a]"]
