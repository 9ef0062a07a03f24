//! What inputs that many operations share must be like.

use wire::check::{Member, Shape};

/// The name of a rule, and the id of a target.
pub(crate) const RULE_NAME: Shape = Shape::string().length(1, 64).pattern(r"[\.\-_A-Za-z0-9]+");
/// A bus, by its name or its ARN.
pub(crate) const BUS: Shape = Shape::string()
    .length(1, 1600)
    .pattern(r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/\.\-_A-Za-z0-9]+");
/// A bus by its name.
pub(crate) const BUS_NAME: Shape = Shape::string().length(1, 256).pattern(r"[/\.\-_A-Za-z0-9]+");
/// A bus by its name, if no partner fills it.
pub(crate) const OWN_BUS_NAME: Shape = Shape::string().length(1, 256).pattern(r"[\.\-_A-Za-z0-9]+");
/// `NextToken`.
pub(crate) const NEXT_TOKEN: Shape = Shape::string().length(1, 2048);
/// `Limit`.
pub(crate) const LIMIT: Shape = Shape::integer().range(1.0, 100.0);
/// An ARN.
pub(crate) const ARN: Shape = Shape::string().length(1, 1600);
/// Tags.
pub(crate) const TAGS: Shape = Shape::list(&TAG);
/// A tag's key.
pub(crate) const TAG_KEY: Shape = Shape::string().length(1, 128);

const TAG: Shape = Shape::structure(
    "Tag",
    &[
        Member::required("Key", Shape::string().length(1, 128)),
        Member::required("Value", Shape::string().length(0, 256)),
    ],
);

/// Of a list of at most 100: what is not said is the most.
pub(crate) const PAGE: usize = 100;
/// A bus by its name or its ARN, if no partner fills it.
pub(crate) const OWN_BUS: Shape = Shape::string()
    .length(1, 1600)
    .pattern(r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[\.\-_A-Za-z0-9]+");
