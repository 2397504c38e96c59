"""What schemathesis doesn't do by itself."""

import itertools

import schemathesis

counter = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Each call comes from a network of its own: 50 wrong bearers lock one out, and one check tries them everywhere."""
    number = next(counter)
    case.headers["X-Forwarded-For"] = f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1"
