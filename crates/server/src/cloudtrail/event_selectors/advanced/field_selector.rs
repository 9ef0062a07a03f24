//! A condition on one field of the event.
//!
//! What must be (Equals, StartsWith, EndsWith) is joined by "or", what must not be (NotEquals, …) by "and".
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html>

use record::names::EventCategory;
use serde::{Deserialize, Serialize};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::super::EventFacts;
use super::super::basic::{EXCLUDABLE, invalid};
use super::{Category, Owner, category_name, truth};
use crate::world::lake::FieldCondition;

/// A condition on one field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FieldSelector {
    pub(super) field: String,
    pub(super) equals: Option<Vec<String>>,
    starts_with: Option<Vec<String>>,
    ends_with: Option<Vec<String>>,
    not_equals: Option<Vec<String>>,
    not_starts_with: Option<Vec<String>>,
    not_ends_with: Option<Vec<String>>,
}

const OPERATOR_VALUE: Shape = Shape::string().length(1, 2048).pattern(".+");
const OPERATOR: Shape = Shape::list(&OPERATOR_VALUE).at_least_long(1);

pub(super) const FIELD_SELECTOR: Shape = Shape::structure(
    "AdvancedFieldSelector",
    &[
        Member::required("Field", Shape::string().length(1, 1000).pattern(r"[\w|\d|\.|_]+")),
        Member::optional("Equals", OPERATOR),
        Member::optional("StartsWith", OPERATOR),
        Member::optional("EndsWith", OPERATOR),
        Member::optional("NotEquals", OPERATOR),
        Member::optional("NotStartsWith", OPERATOR),
        Member::optional("NotEndsWith", OPERATOR),
    ],
);

impl FieldSelector {
    /// The field is this.
    pub(super) fn is(field: &str, value: &str) -> FieldSelector {
        FieldSelector { field: field.into(), equals: Some(vec![value.to_owned()]), ..FieldSelector::default() }
    }

    pub(super) fn check(&self, category: Category, owner: Owner) -> Result<(), ApiError> {
        let field = self.field.as_str();
        let refuse = |what: &str| Err(invalid(format!("The field {field} {what}")));
        if self.values().next().is_none() {
            return refuse("has no condition.");
        }
        match (field, self.only_equals()) {
            ("readOnly", Some([value])) if value == "true" || value == "false" => Ok(()),
            ("readOnly", _) => refuse("can only be Equals true or false."),
            ("resources.type", Some([_])) => Ok(()),
            ("resources.type", _) => refuse("can only be Equals one type."),
            ("errorCode", Some([value])) if value == "VpceAccessDenied" => Ok(()),
            ("errorCode", _) => refuse("can only be Equals VpceAccessDenied."),
            ("eventSource", _) if (category, owner) == (Category::Of(EventCategory::Management), Owner::Trail) => {
                match self.only_not_equals() {
                    Some(sources) if sources.iter().all(|source| EXCLUDABLE.contains(&source.as_str())) => Ok(()),
                    _ => refuse("can only be NotEquals kms.amazonaws.com or rdsdata.amazonaws.com."),
                }
            }
            _ => Ok(()),
        }
    }

    pub(super) fn as_data(&self) -> FieldCondition {
        let list = |values: &Option<Vec<String>>| values.clone().unwrap_or_default();
        FieldCondition {
            field: self.field.clone(),
            equals: list(&self.equals),
            starts_with: list(&self.starts_with),
            ends_with: list(&self.ends_with),
            not_equals: list(&self.not_equals),
            not_starts_with: list(&self.not_starts_with),
            not_ends_with: list(&self.not_ends_with),
        }
    }

    fn musts(&self) -> [(&Option<Vec<String>>, Compare); 3] {
        [(&self.equals, same), (&self.starts_with, begins), (&self.ends_with, ends)]
    }

    fn must_nots(&self) -> [(&Option<Vec<String>>, Compare); 3] {
        [(&self.not_equals, same), (&self.not_starts_with, begins), (&self.not_ends_with, ends)]
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &String> {
        self.musts().into_iter().chain(self.must_nots()).flat_map(|(values, _)| values.iter().flatten())
    }

    /// The values of Equals, if that is the whole condition.
    pub(super) fn only_equals(&self) -> Option<&[String]> {
        let equals = self.equals.as_deref()?;
        (self.values().count() == equals.len()).then_some(equals)
    }

    fn only_not_equals(&self) -> Option<&[String]> {
        let not_equals = self.not_equals.as_deref()?;
        (self.values().count() == not_equals.len()).then_some(not_equals)
    }

    pub(super) fn takes(&self, event: &EventFacts<'_>) -> bool {
        match self.field.as_str() {
            "eventCategory" => self.holds(Some(category_name(event.category))),
            "readOnly" => self.holds(Some(truth(event.read_only))),
            "eventSource" => self.holds(Some(event.source)),
            "eventName" => self.holds(Some(event.name)),
            "eventType" => self.holds(event.event_type),
            "userIdentity.arn" => self.holds(event.user_arn),
            "errorCode" => self.holds(event.error_code),
            "resources.ARN" => self.holds(event.resource_arn),
            "resources.type" => self.equals.iter().flatten().any(|of| event.is_on(of)),
            // Of these nothing is read from records; the trail that wrote them has looked.
            _ => true,
        }
    }

    pub(super) fn holds(&self, value: Option<&str>) -> bool {
        let any = |conditions: [(&Option<Vec<String>>, Compare); 3]| {
            let mut all =
                conditions.into_iter().flat_map(|(texts, is)| texts.iter().flatten().map(move |text| (text, is)));
            all.any(|(text, is)| value.is_some_and(|value| is(value, text)))
        };
        let has_musts = self.musts().iter().any(|(values, _)| values.is_some());
        (!has_musts || any(self.musts())) && !any(self.must_nots())
    }
}

type Compare = fn(&str, &str) -> bool;

fn same(value: &str, text: &str) -> bool {
    value == text
}

fn begins(value: &str, text: &str) -> bool {
    value.starts_with(text)
}

fn ends(value: &str, text: &str) -> bool {
    value.ends_with(text)
}
