//! What inputs that many operations share must be like.

use wire::check::{Member, Shape, is_tag_text};

/// A function, by its name, a part of its ARN or all of it.
pub(crate) const FUNCTION: Shape = Shape::string().length(1, 140).pattern(
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?",
);
/// The same where a name may have dots.
pub(crate) const ANY_FUNCTION: Shape = Shape::string().length(1, 256).pattern(
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?",
);
/// Which version of it.
pub(crate) const QUALIFIER: Shape = Shape::string().length(1, 128).pattern(r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+");
/// A number of versions, or the newest.
pub(crate) const VERSION: Shape = Shape::string().length(1, 1024).pattern(r"(\$LATEST(\.PUBLISHED)?|[0-9]+)");
/// An alias.
pub(crate) const ALIAS: Shape = Shape::string().length(1, 128).pattern_by(r"(?!^[0-9]+$)([a-zA-Z0-9-_]+)", |text| {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.bytes().all(is_of_name) && !text.bytes().all(|byte| byte.is_ascii_digit())
});
/// What is said of it.
pub(crate) const DESCRIPTION: Shape = Shape::string().at_most_long(256);
/// `MaxItems`.
pub(crate) const MAX_ITEMS: Shape = Shape::integer().range(1.0, 10_000.0);
/// An ARN of any service, or nothing.
pub(crate) const RESOURCE_ARN: Shape =
    Shape::string().at_most_long(10_000).pattern(r"(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()");
/// An ARN that permits are for.
pub(crate) const SOURCE_ARN: Shape = Shape::string().at_most_long(10_000).pattern(
    r"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)",
);
/// What can be tagged.
pub(crate) const TAGGABLE: Shape = Shape::string().length(1, 10_000).pattern(
    r"arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|(capacity-provider|network-connector):[a-zA-Z0-9-_]{1,64})",
);
/// Tags.
pub(crate) const TAGS: Shape = Shape::map(&TAG_KEY, &TAG_VALUE);
/// A tag's key.
pub(crate) const TAG_KEY: Shape = TAG_TEXT.length(1, 128);
const TAG_VALUE: Shape = TAG_TEXT.length(0, 256);
const TAG_TEXT: Shape = Shape::string().pattern_by(r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", is_tag_text);

/// `x86_64`, `arm64`.
pub(crate) const ARCHITECTURES: Shape = Shape::list(&ARCHITECTURE).length(1, 1);
const ARCHITECTURE: Shape = Shape::string().one_of(&["x86_64", "arm64"]);
/// A bucket that code comes from.
pub(crate) const S3_BUCKET: Shape = Shape::string().length(3, 63).pattern_by(r"[0-9A-Za-z\.\-_]*(?<!\.)", |text| {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    text.bytes().all(is_of_name) && !text.ends_with('.')
});
/// An object that code comes from.
pub(crate) const S3_KEY: Shape = Shape::string().length(1, 1024).pattern(".*");
/// Whether code is copied from a bucket, or stays there.
pub(crate) const S3_STORAGE_MODE: Shape = Shape::string().one_of(&["COPY", "REFERENCE"]);

/// A role. Nobody looks whether it is there.
pub(crate) const ROLE: Shape =
    Shape::string().pattern(r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+");
/// What is called.
pub(crate) const HANDLER: Shape = Shape::string().at_most_long(128).pattern(r"[^\s]+");
/// Seconds.
pub(crate) const TIMEOUT: Shape = Shape::integer().range(1.0, 900.0);
/// MiB.
pub(crate) const MEMORY: Shape = Shape::integer().range(128.0, 10_240.0);
/// Names and values.
pub(crate) const ENVIRONMENT: Shape =
    Shape::structure("Environment", &[Member::optional("Variables", Shape::map(&VARIABLE, &VALUE))]);
const VARIABLE: Shape = Shape::string().pattern(r"[a-zA-Z]([a-zA-Z0-9_])+");
const VALUE: Shape = Shape::string();
/// Where events go that fail.
pub(crate) const DEAD_LETTER_CONFIG: Shape =
    Shape::structure("DeadLetterConfig", &[Member::optional("TargetArn", RESOURCE_ARN)]);
/// `/tmp`.
pub(crate) const EPHEMERAL_STORAGE: Shape =
    Shape::structure("EphemeralStorage", &[Member::required("Size", Shape::integer().range(512.0, 10_240.0))]);
/// How it logs.
pub(crate) const LOGGING_CONFIG: Shape = Shape::structure(
    "LoggingConfig",
    &[
        Member::optional("LogFormat", Shape::string().one_of(&["JSON", "Text"])),
        Member::optional(
            "ApplicationLogLevel",
            Shape::string().one_of(&["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]),
        ),
        Member::optional("SystemLogLevel", Shape::string().one_of(&["DEBUG", "INFO", "WARN"])),
        Member::optional("LogGroup", Shape::string().length(1, 512).pattern(r"[\.\-_/#A-Za-z0-9]+")),
    ],
);
/// Whether it is traced.
pub(crate) const TRACING_CONFIG: Shape =
    Shape::structure("TracingConfig", &[Member::optional("Mode", Shape::string().one_of(&["Active", "PassThrough"]))]);
/// Whether it is kept started.
pub(crate) const SNAP_START: Shape = Shape::structure(
    "SnapStart",
    &[Member::optional("ApplyOn", Shape::string().one_of(&["PublishedVersions", "None"]))],
);
