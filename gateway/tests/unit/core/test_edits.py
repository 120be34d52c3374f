from moongate.core.edits import FieldEdits

LINES = b"A: 1\r\nB: 2\r\na: 3\r\n"


def test_fields_are_dropped_and_added() -> None:
    assert FieldEdits(frozenset((b"a",)), b"C: 4\r\n").apply(LINES) == b"B: 2\r\nC: 4\r\n"
    assert FieldEdits().apply(LINES) == LINES
    assert FieldEdits(lines=b"A: 5\r\n").apply(b"") == b"A: 5\r\n"


def test_later_edits_see_what_earlier_ones_added() -> None:
    first = FieldEdits(frozenset((b"a",)), b"C: 4\r\nD: 5\r\n")
    second = FieldEdits(frozenset((b"b", b"c")), b"E: 6\r\n")
    assert first.then(second).apply(LINES) == second.apply(first.apply(LINES)) == b"D: 5\r\nE: 6\r\n"


def test_the_same_two_edits_are_one_and_the_same_object() -> None:
    first, second, third = FieldEdits(lines=b"A: 1\r\n"), FieldEdits(lines=b"B: 2\r\n"), FieldEdits(lines=b"C: 3\r\n")
    both = first.then(second)
    assert first.then(second) is both
    assert first.then(third) is not both
    assert first.then(second).apply(b"") == both.apply(b"")
