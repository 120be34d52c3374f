"""Both fields of a signature, as they should be and as they come."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moongate.filters.signature_form import MAX_BYTES, SignatureRefused, all_of, read_signature

KNOWN = ("k1", "k2")


def lines(said: str, signature: str = "s=:c2ln:") -> bytes:
    return f"Signature-Input: {said}\r\nSignature: {signature}\r\n".encode("latin-1")


def test_a_signature_is_read_and_written_as_its_base_has_it() -> None:
    read = read_signature(
        lines('s=( "@method"   "@path" );created=7;keyid="k1"; alg="hmac-sha256";expires=9;nonce="n"'), KNOWN
    )
    assert read.covered == ("@method", "@path")
    assert read.parameters == b'("@method" "@path");created=7;keyid="k1";alg="hmac-sha256";expires=9;nonce="n"'
    assert (read.key_id, read.created, read.expires, read.algorithm, read.octets) == ("k1", 7, 9, "hmac-sha256", b"sig")


def test_the_first_by_a_key_that_is_known_counts() -> None:
    said = 'a=();created=1;keyid="proxy", b=("@method");created=2;keyid="k2", c=();created=3;keyid="k1"'
    read = read_signature(lines(said, "a=:YQ==:, b=:Yg==:, c=:Yw==:"), KNOWN)
    assert (read.key_id, read.created, read.octets) == ("k2", 2, b"b")


def test_fields_that_come_twice_are_one() -> None:
    text = lines('a=();created=1;keyid="x"', "a=:YQ==:") + lines('b=("@method");created=2;keyid="k1"', "b=:Yg==:")
    assert read_signature(text, KNOWN).octets == b"b"
    assert all_of(b"A: 1\r\na: 2\r\nB: 3\r\n", b"a") == b"1, 2"
    assert all_of(b"A: 1\r\n", b"c") is None


@pytest.mark.parametrize(
    ("said", "signature", "reason"),
    [
        ('s=("@method");created=1;keyid="k1"', "", "signature_malformed"),
        ('s=("@method");created=1;keyid="k1"', "other=:c2ln:", "signature_malformed"),
        ('s=("@method");created=1;keyid="k1"', "s=sig", "signature_malformed"),
        ('s=("@method");created=1;keyid="k1"', "s=:!:", "signature_malformed"),
        ('s=("@method"', "s=:c2ln:", "signature_malformed"),
        ('s=("@method");created=1;keyid="\xe9"', "s=:c2ln:", "signature_malformed"),
        ("s=1;keyid=" + "x" * MAX_BYTES, "s=:c2ln:", "signature_malformed"),
        ('s=("@method");created=1', "s=:c2ln:", "signature_key"),
        ('s=("@method");created=1;keyid="other"', "s=:c2ln:", "signature_key"),
        ('s=("@method");created=1;keyid=k1', "s=:c2ln:", "signature_key"),
        ('s="@method";created=1;keyid="k1"', "s=:c2ln:", "signature_key"),
        ("", "s=:c2ln:", "signature_key"),
        ('s=("@method");keyid="k1"', "s=:c2ln:", "signature_created"),
        ('s=("@method");created="1";keyid="k1"', "s=:c2ln:", "signature_created"),
        ('s=("@method");created=?1;keyid="k1"', "s=:c2ln:", "signature_created"),
        ('s=("@method");created=1.0;keyid="k1"', "s=:c2ln:", "signature_created"),
        ('s=("@method");created=@1;keyid="k1"', "s=:c2ln:", "signature_created"),
        ('s=("@method");created=1;expires=x;keyid="k1"', "s=:c2ln:", "signature_created"),
        ('s=("@method" "@method");created=1;keyid="k1"', "s=:c2ln:", "signature_component"),
        ('s=("@query-param";name="a");created=1;keyid="k1"', "s=:c2ln:", "signature_component"),
        ('s=("Date");created=1;keyid="k1"', "s=:c2ln:", "signature_component"),
        ('s=(date);created=1;keyid="k1"', "s=:c2ln:", "signature_component"),
        ('s=(7);created=1;keyid="k1"', "s=:c2ln:", "signature_component"),
    ],
)
def test_what_is_no_signature_of_ours(said: str, signature: str, reason: str) -> None:
    with pytest.raises(SignatureRefused) as refused:
        read_signature(lines(said, signature), KNOWN)
    assert str(refused.value) == reason


PIECES = [
    's=("@method")',
    ";created=1",
    ';keyid="k1"',
    "=",
    "(",
    ")",
    '"',
    ":",
    "a",
    ";",
    ",",
    " ",
    "1",
    "?1",
    "@",
    "%",
]


@given(st.lists(st.sampled_from(PIECES)).map("".join), st.text(st.characters(max_codepoint=255), max_size=40))
@example('s=("@method");created=1;keyid="k1"', "s=:c2ln:")
def test_no_octets_break_it(said: str, signature: str) -> None:
    clean = str.maketrans("", "", "\r\n")
    try:
        read = read_signature(lines(said.translate(clean), signature.translate(clean)), KNOWN)
    except SignatureRefused:
        return
    again = lines(f"s={read.parameters.decode()}", "s=:c2ln:")
    assert read_signature(again, KNOWN).parameters == read.parameters, "what is written is read as the same"
