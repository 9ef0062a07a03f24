"""Wrong inputs that are not tried, and answers that AWS itself gives against its model, each for a reason."""

import re

# What: service, operation and member, and what is wrong, as one pattern.
NOT_TRIED = [
    (r"logs (ListTagsLogGroup|UntagLogGroup)\..*", "the model documents no error for it; CloudWatch Logs says InvalidParameterException everywhere"),
    (r"s3 \w+\.(RequestPayer|ChecksumMode) \(not in the enum\)", "AWS does not say what it makes of an unknown word there; here it asks for nothing"),
    (r"events PutTargets\.Targets\[0\]\.\w+Parameters \(another type\)", "what only AWS's own targets mean is kept and given back as it is"),
    (r"s3 DeleteObjects\.Delete\.Objects\[\d\]\.Key \(too short\)", "such an entry is refused by itself, in an answer of 200"),
    (r"lambda UntagResource\.TagKeys\[0\] \(too short\)", "?tagKeys= is read as the empty list, which the model allows"),
]

# What of right answers is not as the model says, because AWS itself answers so.
AS_AWS_DOES = [
    (r"iam GetUser: .*\.User: (Path|UserName) is missing", "AWS tells the owner of an account without them"),
    (r"lambda \w+: \.(Configuration\.)?LastUpdateStatusReasonCode: 'Creating' is none of .*", "recorded from AWS"),
    (r"lambda GetFunctionCodeSigningConfig: \.: (CodeSigningConfigArn|FunctionName) is missing", "where none is set, nothing is told"),
]


def reason_not_to_try(service, operation, where, what):
    """Why it is not tried; None if it must be refused."""
    return _reason(NOT_TRIED, f"{service} {operation}{where} ({what})")


def is_as_aws_does(service, operation, fault):
    """Whether AWS itself answers so."""
    return _reason(AS_AWS_DOES, f"{service} {operation}: {fault}") is not None


def _reason(table, name):
    return next((reason for pattern, reason in table if re.fullmatch(pattern, name)), None)
