"""Refusals."""

from accounts.domain import errors


def test_every_refusal_is_one_of_ours() -> None:
    refusals = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert len(refusals) > 5
    assert all(issubclass(refusal, errors.AccountsError) for refusal in refusals)
