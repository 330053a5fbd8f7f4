"""What schemathesis loads for Pressroom: accounts for operations that need one, and the laws of responses."""

import schemathesis

from tests.contract import laws  # its checks are registered by this
from tests.contract.accounts import (
    filter_by_what_is_there,
    keep_rights,
    name_what_is_there,
    use_an_account,
)
from tests.contract.unchanged import compare_after, read_before

__all__ = ["laws"]

# The state is read last, after what a hook makes for the request.
for hook in (use_an_account, name_what_is_there, keep_rights, filter_by_what_is_there, read_before):
    schemathesis.hook("before_call")(hook)
schemathesis.hook("after_call")(compare_after)
