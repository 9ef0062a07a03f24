//! `CreateEventDataStore`: makes an event data store: a view of the events that are kept.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateEventDataStore.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::event_data_store::settings::{BILLING_MODE, KMS_KEY_ID, NAME, RETENTION_PERIOD, SELECTORS};
use super::event_data_store::{BillingMode, EventDataStore, EventDataStoreSettings, EventDataStoreTold, Ingestion};
use super::event_selectors::AdvancedEventSelector;
use super::tags::{TAGS_LIST, Tag, check_new_tags};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateEventDataStore {
    name: String,
    tags_list: Option<Vec<Tag>>,
    start_ingestion: Option<bool>,
    #[serde(flatten)]
    settings: EventDataStoreSettings,
}

/// What AWS calls the selector of a store that was made without any.
const DEFAULT_SELECTOR: &str = "Default management events";

impl Operation for CreateEventDataStore {
    const NAME: &'static str = "CreateEventDataStore";
    const SHAPE: &'static Shape = &Shape::structure(
        "CreateEventDataStoreRequest",
        &[
            Member::required("Name", NAME),
            Member::optional("AdvancedEventSelectors", SELECTORS),
            Member::optional("RetentionPeriod", RETENTION_PERIOD),
            Member::optional("TagsList", TAGS_LIST),
            Member::optional("KmsKeyId", KMS_KEY_ID),
            Member::optional("BillingMode", BILLING_MODE),
        ],
    );
    type Output = EventDataStoreTold;

    fn run(self, cx: &Context<'_>) -> Result<EventDataStoreTold, Failure> {
        let tags = check_new_tags(self.tags_list.clone().unwrap_or_default())?;
        let id = cx.world.dice.uuid();
        let ingestion = Ingestion { from: None, until: None };
        let mut store = EventDataStore {
            arn: cx.arn("cloudtrail", format_args!("eventdatastore/{id}")),
            id,
            name: self.name,
            advanced_event_selectors: vec![AdvancedEventSelector::all_of("Management").named(DEFAULT_SELECTOR)],
            is_multi_region: true,
            is_organization: false,
            retention_days: self.settings.default_retention_days(),
            is_termination_protected: true,
            kms_key_id: None,
            billing_mode: BillingMode::default(),
            imported: Vec::new(),
            ingestion: self.start_ingestion.unwrap_or(true).then_some(ingestion).into_iter().collect(),
            deleted_at: None,
            insight_selectors: Vec::new(),
            insights_destination: None,
            created_at: Some(cx.now.into()),
            updated_at: Some(cx.now.into()),
        };
        self.settings.set(&mut store, cx)?;
        cx.store.try_write(|w| {
            let all = EventDataStore::all(w, cx)?;
            store.check_name(&all)?;
            EventDataStore::check_count(&all)?;
            w.put(&store.key(), &store, cx.now)?;
            Ok::<_, Failure>(w.set_tags(&store.arn, &tags)?)
        })?;
        Ok(EventDataStoreTold::created(store, self.tags_list))
    }
}
