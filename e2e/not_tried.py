"""Wrong inputs that are not tried, each for a reason."""

import re

# What: service, operation and member, and what is wrong, as one pattern.
NOT_TRIED = [
    (r"s3 \w+\.(RequestPayer|ChecksumMode) \(not in the enum\)", "AWS does not say what it makes of an unknown word there; here it asks for nothing"),
    (r"events PutTargets\.Targets\[0\]\.\w+Parameters \(another type\)", "what only AWS's own targets mean is kept and given back as it is"),
    (r"s3 DeleteObjects\.Delete\.Objects\[\d\]\.Key \(too short\)", "such an entry is refused by itself, in an answer of 200"),
]


def reason_not_to_try(service, operation, where, what):
    """Why it is not tried; None if it must be refused."""
    name = f"{service} {operation}{where} ({what})"
    for pattern, reason in NOT_TRIED:
        if re.fullmatch(pattern, name):
            return reason
    return None
