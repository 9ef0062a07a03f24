//! ARNs, as far as operations look into them. <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

/// An ARN's parts, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    /// All behind the account: `rule/nightly`.
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// The parts of an ARN; none of a text that is no ARN.
    pub(crate) fn of(text: &'a str) -> Option<Arn<'a>> {
        let mut parts = text.splitn(6, ':');
        let (arn, _partition) = (parts.next()?, parts.next()?);
        let (service, region, account, resource) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        (arn == "arn" && !service.is_empty() && !resource.is_empty()).then_some(Arn {
            service,
            region,
            account,
            resource,
        })
    }
}
