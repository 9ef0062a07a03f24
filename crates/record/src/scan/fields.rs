//! What the walk finds in a record: which fields there are, and where each lies.

/// A text field that the walk finds. The identity's come last, so that a second `userIdentity` can replace them at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    EventVersion,
    EventTime,
    EventSource,
    EventName,
    Region,
    SourceIp,
    UserAgent,
    ErrorCode,
    EventId,
    EventType,
    RecipientAccount,
    EventCategory,
    Resource,
    IdentityType,
    PrincipalId,
    Arn,
    IdentityAccount,
    AccessKeyId,
    UserName,
    InvokedBy,
    IssuerArn,
}

impl Field {
    pub(crate) const ALL: [Field; 21] = [
        Field::EventVersion,
        Field::EventTime,
        Field::EventSource,
        Field::EventName,
        Field::Region,
        Field::SourceIp,
        Field::UserAgent,
        Field::ErrorCode,
        Field::EventId,
        Field::EventType,
        Field::RecipientAccount,
        Field::EventCategory,
        Field::Resource,
        Field::IdentityType,
        Field::PrincipalId,
        Field::Arn,
        Field::IdentityAccount,
        Field::AccessKeyId,
        Field::UserName,
        Field::InvokedBy,
        Field::IssuerArn,
    ];

    /// Its path in the record.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Field::EventVersion => "eventVersion",
            Field::EventTime => "eventTime",
            Field::EventSource => "eventSource",
            Field::EventName => "eventName",
            Field::Region => "awsRegion",
            Field::SourceIp => "sourceIPAddress",
            Field::UserAgent => "userAgent",
            Field::ErrorCode => "errorCode",
            Field::EventId => "eventID",
            Field::EventType => "eventType",
            Field::RecipientAccount => "recipientAccountId",
            Field::EventCategory => "eventCategory",
            Field::Resource => "resources",
            Field::IdentityType => "userIdentity.type",
            Field::PrincipalId => "userIdentity.principalId",
            Field::Arn => "userIdentity.arn",
            Field::IdentityAccount => "userIdentity.accountId",
            Field::AccessKeyId => "userIdentity.accessKeyId",
            Field::UserName => "userIdentity.userName",
            Field::InvokedBy => "userIdentity.invokedBy",
            Field::IssuerArn => "userIdentity.sessionContext.sessionIssuer.arn",
        }
    }
}

const FIELD_COUNT: usize = Field::ALL.len();

/// Where a text lies in its record, without its quotes. All zero: there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

pub(super) const ABSENT: Span = Span { start: 0, end: 0 };
/// The field is there, but is no text.
pub(super) const WRONG: Span = Span { start: u32::MAX, end: u32::MAX };

/// `true`, `false`, not there, or something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Flag {
    #[default]
    Absent,
    True,
    False,
    Wrong,
}

/// Whether `userIdentity` is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum IdentityIs {
    #[default]
    Absent,
    Object,
    Wrong,
}

/// One text of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// There is none, or it is `null`.
    Absent,
    /// It is something else than text.
    Wrong,
    /// It lies between these bytes of the record, and stands there as it is.
    Plain(usize, usize),
    /// It lies between these bytes of the record, and has escapes that must be undone.
    Escaped(usize, usize),
}

/// What the walk found in one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(super) spans: [Span; FIELD_COUNT],
    /// One bit a field: it has escapes.
    escaped: u32,
    /// Some field was there and no text.
    pub(super) wrong: bool,
    pub(crate) read_only: Flag,
    pub(crate) management_event: Flag,
    pub(crate) identity: IdentityIs,
    /// Bytes of the record.
    pub(crate) len: usize,
}

impl Fields {
    /// No field has escapes that must be undone.
    #[inline(always)]
    pub(crate) fn is_plain(&self) -> bool {
        self.escaped == 0
    }

    #[inline(always)]
    pub(crate) fn get(&self, field: Field) -> Found {
        let Span { start, end } = self.spans[field as usize];
        if start == 0 {
            Found::Absent
        } else if start == u32::MAX {
            Found::Wrong
        } else if self.escaped >> field as u32 & 1 == 1 {
            Found::Escaped(start as usize, end as usize)
        } else {
            Found::Plain(start as usize, end as usize)
        }
    }

    /// Whether it has what only records of CloudTrail (or rewritten ones) have.
    pub(crate) fn is_like_a_record(&self) -> bool {
        [Field::EventTime, Field::EventName, Field::EventSource, Field::EventVersion]
            .iter()
            .any(|field| self.spans[*field as usize] != ABSENT)
    }

    /// Some field is there, but is no text.
    #[inline(always)]
    pub(crate) fn first_wrong(&self) -> Option<Field> {
        if !self.wrong {
            return None;
        }
        // A later one of the same name may have been right.
        Field::ALL.into_iter().find(|field| self.spans[*field as usize] == WRONG)
    }

    #[inline(always)]
    pub(super) fn set(&mut self, field: Field, start: usize, end: usize, escaped: bool) {
        // Inflated bytes are limited to 4 GiB (log_file.rs), so positions fit.
        self.spans[field as usize] = Span { start: start as u32, end: end as u32 };
        if escaped {
            self.escaped |= 1 << field as u32;
        } else if self.escaped != 0 {
            self.escaped &= !(1 << field as u32);
        }
    }

    pub(super) fn clear_identity(&mut self) {
        self.spans[Field::IdentityType as usize..].fill(ABSENT);
    }
}
