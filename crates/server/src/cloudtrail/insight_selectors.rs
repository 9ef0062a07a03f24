//! Insight selectors: which kinds of insight a trail looks for, in events of which categories.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_InsightSelector.html>

use record::insight::InsightType;
use record::names::EventCategory;
use serde::{Deserialize, Serialize};
use wire::ApiError;

use super::event_selectors::EventSelectors;

/// One kind of insight that is looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InsightSelector {
    pub(crate) insight_type: InsightType,
    /// As it was said; where nothing was said, management events are meant.
    pub(crate) event_categories: Option<Vec<EventCategory>>,
}

/// The same as somebody wrote it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WrittenInsightSelector {
    insight_type: Option<String>,
    event_categories: Option<Vec<String>>,
}

impl WrittenInsightSelector {
    /// What is meant.
    pub(crate) fn read(self) -> Result<InsightSelector, ApiError> {
        let insight_type = match self.insight_type.as_deref() {
            Some("ApiCallRateInsight") => InsightType::ApiCallRateInsight,
            Some("ApiErrorRateInsight") => InsightType::ApiErrorRateInsight,
            Some(other) => return Err(invalid(format!("The Insight type {other} is not valid: {TYPES}."))),
            None => return Err(invalid(format!("Each Insight selector names its InsightType: {TYPES}."))),
        };
        let category = |text: String| match text.as_str() {
            "Management" => Ok(EventCategory::Management),
            "Data" => Ok(EventCategory::Data),
            _ => Err(invalid(format!("The event category {text} is not valid: Management or Data."))),
        };
        let categories = self.event_categories.filter(|categories| !categories.is_empty());
        let event_categories = categories.map(|all| all.into_iter().map(category).collect()).transpose()?;
        Ok(InsightSelector { insight_type, event_categories })
    }
}

const TYPES: &str = "ApiCallRateInsight or ApiErrorRateInsight";

impl InsightSelector {
    fn categories(&self) -> &[EventCategory] {
        self.event_categories.as_deref().unwrap_or(&[EventCategory::Management])
    }

    /// Whether it looks at events of this category.
    pub(crate) fn is_of(&self, category: EventCategory) -> bool {
        self.categories().contains(&category)
    }

    /// Whether it looks for this kind of insight in events of this category.
    pub(crate) fn looks_for(&self, insight_type: InsightType, category: EventCategory) -> bool {
        self.insight_type == insight_type && self.categories().contains(&category)
    }

    /// Refuses to look where nothing is logged. `whose`: "the trail". `reads`: the call rates of APIs that only read are looked at, too.
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-insights-events-with-cloudtrail.html>
    pub(crate) fn check(&self, logged: &EventSelectors, reads: bool, whose: &str) -> Result<(), ApiError> {
        let insight_type = self.insight_type.as_str();
        for category in self.categories() {
            let reads_count = reads
                || !matches!(
                    (self.insight_type, category),
                    (InsightType::ApiCallRateInsight, EventCategory::Management)
                );
            let is_logged = logged.may_log(*category, false) || reads_count && logged.may_log(*category, true);
            if !is_logged {
                let what = match (category, reads_count) {
                    (EventCategory::Data, _) => "data events",
                    (_, true) => "management events",
                    (_, false) => "write management events",
                };
                return Err(invalid(format!("To log {insight_type} on them, {whose} must log {what}.")));
            }
        }
        Ok(())
    }
}

/// What is said of insight selectors that cannot be.
pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInsightSelectorsException", message.into())
}
