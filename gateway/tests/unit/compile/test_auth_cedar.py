import pytest

from moongate.compile.auth_cedar import cedar_plan
from moongate.config.model_cedar import CedarConfig


def test_policies_are_counted_and_headers_folded() -> None:
    text = "permit (principal, action, resource); // all\nforbid (principal, action, resource) when { context.b };"
    plan = cedar_plan(CedarConfig(policies=text, headers=("X-Tenant",)), None)
    assert (plan.policies, plan.count, plan.headers, plan.resource) == (text, 2, ("x-tenant",), None)


@pytest.mark.parametrize(
    ("policies", "said"),
    [
        ("permit (principal, action", "can not be read: unexpected end of input"),
        ("allow (principal, action, resource);", "can not be read: .*allow"),
        ("permit (principal, action, resource) when { contxt.a };", "can not be read: .*contxt"),
        ("// nothing yet", "holds none, so nothing would ever be permitted"),
    ],
)
def test_what_can_not_be_read_is_told_beforehand(policies: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        cedar_plan(CedarConfig(policies=policies), None)
