"""What schemathesis doesn't do by itself."""

import itertools
import re

import schemathesis

counter = itertools.count()

# Why a field can be refused that its schema permits: it depends on what there is, on another field, on the time, or on
# a grammar that is no regular expression.
REASONS = [
    r"^there is no ",
    r"^is taken by another account$",
    r"^must be the next_cursor of an earlier page",
    r"^must be in the future",
    r"^is the name of a built-in role",
    r"^must be an address or a range such as 10\.0\.0\.0/8",
    r"^a standard key ",
    r"^the echo provider",
    r"^must be given, e\.g\. 2024-10-21$",
    r"^is for azure_openai only",
    r"^must have a host",
    r"^must be an http:// or https:// address",
    r"^must be given again when scheme, host or port",
    r"^this rule restricts nothing",
    r"^would refuse every request",
    r"^is Inactive; keys of inactive owners are refused$",
    r"^is not a member of tenant ",
    # Bytes, where a schema counts characters.
    r"^must be at most 20 claims, names and values of at most 512 characters$",
    r"^must be set, or else public_key_pem, but not both$",
    r"^must be one -----BEGIN PUBLIC KEY----- ",
    r"^must be at least one",
    r"^must have one that counts in a tenant$",
    r"^must be domains such as company\.com$",
    r"^[^ ]+ is no domain such as company\.com$",
    r"^must be a tenant that the account is a member of$",
    r"^must be one of your tenants$",
    r"^must be the https:// address that the provider calls its issuer",
    r"^must be given again when the issuer changes$",
    # Characters that can't be seen: more than a pattern lists.
    r"^must be one line$",
    r"^must be domains such as example\.com",
    r"^must be the name of a claim, or a JSON pointer",
    r"^must be a JSON object",
    r"^must say what the claim is compared with$",
    r"^must be empty: exists compares with nothing$",
    r"^must be at most 256 characters on one line$",
    r"^this rule gives nothing",
    r"^[^ ]+ gives nothing in a tenant",
]
REASON = re.compile("|".join(REASONS))


@schemathesis.hook
def before_call(context, case, kwargs):
    """Each call comes from a network of its own: 50 wrong bearers lock one out, and one check tries them everywhere."""
    number = next(counter)
    # A network is a /56.
    case.headers["X-Forwarded-For"] = f"2001:db8:{number >> 8:x}:{number % 256 << 8:x}::1"


@schemathesis.check
def valid_data_is_refused_for_a_reason(ctx, response, case):
    """A field that its schema permits is refused only for what no schema can say."""
    if response.status_code == 422 and case.meta and case.meta.generation.mode.is_positive:
        for error in response.json()["errors"]:
            if not REASON.match(error["message"]):
                raise AssertionError(f"the schema permits it, the server doesn't: {error}")
