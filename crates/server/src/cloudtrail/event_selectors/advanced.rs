//! Advanced event selectors: conditions on fields of the event, all of which must hold.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html>

use record::names::EventCategory;
use serde::{Deserialize, Serialize};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::basic::invalid;
use super::{ApiFacts, EventFacts, is_of};
use crate::world::lake::Selector;

mod field_selector;

use field_selector::{FIELD_SELECTOR, FieldSelector};

/// An advanced selector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AdvancedEventSelector {
    name: Option<String>,
    field_selectors: Vec<FieldSelector>,
}

/// What one looks like.
pub(crate) const ADVANCED_EVENT_SELECTOR: Shape = Shape::structure(
    "AdvancedEventSelector",
    &[
        Member::optional("Name", Shape::string().length(0, 1000).pattern(".*")),
        Member::required("FieldSelectors", Shape::list(&FIELD_SELECTOR).at_least_long(1)),
    ],
);

/// AWS's limits on one trail.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
const MOST_VALUES: usize = 500;
/// AWS's limit on one event data store.
const MOST_OF_A_STORE: usize = 5;

/// Whose selectors they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Trail,
    EventDataStore,
}

impl Owner {
    fn as_str(self) -> &'static str {
        match self {
            Owner::Trail => "A trail",
            Owner::EventDataStore => "An event data store",
        }
    }
}

/// What a selector's events are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Category {
    /// AWS's own.
    Of(EventCategory),
    /// Events from outside of AWS, which channels bring.
    ActivityAuditLog,
}

/// The fields that selectors may look at, by the category of their events.
fn fields(category: Category, owner: Owner) -> &'static [&'static str] {
    let Category::Of(category) = category else { return &["eventCategory"] };
    match category {
        EventCategory::Management if owner == Owner::EventDataStore => &[
            "eventCategory",
            "readOnly",
            "eventSource",
            "eventName",
            "eventType",
            "sessionCredentialFromConsole",
            "userIdentity.arn",
        ],
        EventCategory::Management => &["eventCategory", "readOnly", "eventSource"],
        EventCategory::Data => &[
            "eventCategory",
            "resources.type",
            "resources.ARN",
            "readOnly",
            "eventName",
            "eventSource",
            "eventType",
            "sessionCredentialFromConsole",
            "userIdentity.arn",
        ],
        EventCategory::NetworkActivity => &["eventCategory", "eventSource", "eventName", "errorCode", "vpcEndpointId"],
        EventCategory::Insight => &["eventCategory"],
    }
}

impl AdvancedEventSelector {
    /// All events of a category, by AWS's name of it.
    pub(crate) fn all_of(category: &str) -> AdvancedEventSelector {
        AdvancedEventSelector { name: None, field_selectors: vec![FieldSelector::is("eventCategory", category)] }
    }

    /// The same, called this.
    #[must_use]
    pub(crate) fn named(self, name: &str) -> AdvancedEventSelector {
        AdvancedEventSelector { name: Some(name.to_owned()), ..self }
    }

    /// Whether its events are of this category.
    pub(crate) fn is_of(&self, category: EventCategory) -> bool {
        self.category(Owner::EventDataStore).is_ok_and(|of| of == Category::Of(category))
    }

    /// Whether its events come from outside of AWS.
    pub(crate) fn is_of_activity(&self) -> bool {
        self.category(Owner::EventDataStore) == Ok(Category::ActivityAuditLog)
    }

    /// What it says, for whoever looks at events elsewhere.
    pub(crate) fn as_data(&self) -> Selector {
        Selector { conditions: self.field_selectors.iter().map(FieldSelector::as_data).collect() }
    }

    /// Refuses what selectors of an event data store must not be. Its events are of one family: Insights, those from outside of AWS, or
    /// all others.
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateEventDataStore.html>
    pub(crate) fn check_of_store(all: &[AdvancedEventSelector]) -> Result<(), ApiError> {
        AdvancedEventSelector::check_all(all, Owner::EventDataStore)?;
        if all.len() > MOST_OF_A_STORE {
            let message = format!(
                "An event data store has at most {MOST_OF_A_STORE} advanced event selectors, and these are {}.",
                all.len()
            );
            return Err(invalid(message));
        }
        let stands_alone =
            |selector: &&AdvancedEventSelector| selector.is_of(EventCategory::Insight) || selector.is_of_activity();
        if all.len() > 1 && all.iter().any(|selector| stands_alone(&selector)) {
            let message = "An event data store of Insight events, or of events from outside of AWS, has one selector: eventCategory \
                           Equals Insight, or ActivityAuditLog.";
            return Err(invalid(message.into()));
        }
        Ok(())
    }

    /// Refuses what selectors of a trail must not be.
    pub(crate) fn check(all: &[AdvancedEventSelector]) -> Result<(), ApiError> {
        AdvancedEventSelector::check_all(all, Owner::Trail)
    }

    fn check_all(all: &[AdvancedEventSelector], owner: Owner) -> Result<(), ApiError> {
        let conditions = || all.iter().flat_map(|selector| &selector.field_selectors);
        let count: usize = conditions().map(|condition| condition.values().count()).sum();
        if all.is_empty() || count > MOST_VALUES {
            let message = format!(
                "{} has at least one advanced event selector, and at most {MOST_VALUES} values.",
                owner.as_str()
            );
            return Err(invalid(message));
        }
        all.iter().try_for_each(|selector| selector.check_fields(owner))
    }

    fn check_fields(&self, owner: Owner) -> Result<(), ApiError> {
        let category = self.category(owner)?;
        for (i, condition) in self.field_selectors.iter().enumerate() {
            let field = condition.field.as_str();
            if !fields(category, owner).contains(&field) {
                return Err(invalid(format!(
                    "The field {field} cannot be used in a selector for {} events.",
                    category.name()
                )));
            }
            if self.field_selectors[..i].iter().any(|earlier| earlier.field == field) {
                return Err(invalid(format!("The field {field} is named twice in one selector.")));
            }
            condition.check(category, owner)?;
        }
        let has = |field: &str| self.field_selectors.iter().any(|condition| condition.field == field);
        match category {
            Category::Of(EventCategory::Data) if !has("resources.type") => {
                Err(invalid("A selector for data events must say resources.type.".into()))
            }
            Category::Of(EventCategory::NetworkActivity) if !has("eventSource") => {
                Err(invalid("A selector for network activity events must say eventSource.".into()))
            }
            _ => Ok(()),
        }
    }

    fn category(&self, owner: Owner) -> Result<Category, ApiError> {
        let of_category = |condition: &&FieldSelector| condition.field == "eventCategory";
        let values = self.field_selectors.iter().find(of_category).and_then(FieldSelector::only_equals);
        match values {
            Some([category]) if category == "Management" => Ok(Category::Of(EventCategory::Management)),
            Some([category]) if category == "Data" => Ok(Category::Of(EventCategory::Data)),
            Some([category]) if category == "NetworkActivity" => Ok(Category::Of(EventCategory::NetworkActivity)),
            Some([category]) if category == "Insight" && owner == Owner::EventDataStore => {
                Ok(Category::Of(EventCategory::Insight))
            }
            Some([category]) if category == "ActivityAuditLog" && owner == Owner::EventDataStore => {
                Ok(Category::ActivityAuditLog)
            }
            Some([category])
                if owner == Owner::EventDataStore
                    && ["ConfigurationItem", "Evidence"].contains(&category.as_str()) =>
            {
                Err(invalid(format!("Events of the category {category} are not kept here: CloudTrail's own are, and those that channels bring.")))
            }
            _ => Err(invalid(match owner {
                Owner::Trail => {
                    "A trail's selector must say that eventCategory Equals one of Management, Data, NetworkActivity."
                        .into()
                }
                Owner::EventDataStore => {
                    "An event data store's selector must say that eventCategory Equals one of Management, Data, NetworkActivity, Insight, ActivityAuditLog."
                        .into()
                }
            })),
        }
    }

    /// Whether it takes an event.
    pub(super) fn takes(&self, event: &EventFacts<'_>) -> bool {
        self.field_selectors.iter().all(|condition| condition.takes(event))
    }

    /// Whether it could take a call of this API: conditions on what only a single call tells may hold.
    pub(crate) fn may_take_api(&self, api: &ApiFacts<'_>) -> bool {
        self.field_selectors.iter().all(|condition| match condition.field.as_str() {
            "eventCategory" => condition.holds(Some(category_name(api.category))),
            "readOnly" => condition.holds(Some(truth(api.read_only))),
            "eventSource" => condition.holds(Some(api.source)),
            "eventName" => condition.holds(Some(api.name)),
            "resources.type" => condition.equals.iter().flatten().any(|of| is_of(api.source, of)),
            _ => true,
        })
    }

    /// Whether it could take an event of this category, reading or writing.
    pub(super) fn may_take(&self, category: EventCategory, read_only: bool) -> bool {
        self.field_selectors.iter().all(|condition| match condition.field.as_str() {
            "eventCategory" => condition.holds(Some(category_name(category))),
            "readOnly" => condition.holds(Some(truth(read_only))),
            _ => true,
        })
    }
}

fn truth(is_true: bool) -> &'static str {
    if is_true { "true" } else { "false" }
}

impl Category {
    fn name(self) -> &'static str {
        match self {
            Category::Of(category) => category_name(category),
            Category::ActivityAuditLog => "ActivityAuditLog",
        }
    }
}

fn category_name(category: EventCategory) -> &'static str {
    match category {
        EventCategory::Management => "Management",
        EventCategory::Data => "Data",
        EventCategory::NetworkActivity => "NetworkActivity",
        EventCategory::Insight => "Insight",
    }
}
