//! `StartImport`: brings a bucket's history into an event data store; or, with the id of an import that has ended, begins that
//! one again.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartImport.html>

use serde::Deserialize;
use wire::check::{Member, Shape};
use wire::{ApiError, Timestamp};

use super::event_data_store::{EVENT_DATA_STORE, EventDataStore, Ingestion};
use super::import::{IMPORT_ID, Import, ImportSource, ImportStatistics, ImportStatus, ImportTold};
use crate::world::BucketError;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartImport {
    destinations: Option<Vec<String>>,
    import_source: Option<ImportSource>,
    start_event_time: Option<Timestamp>,
    end_event_time: Option<Timestamp>,
    import_id: Option<String>,
}

const S3_IMPORT_SOURCE: Shape = Shape::structure(
    "S3ImportSource",
    &[
        Member::required("S3LocationUri", Shape::string()),
        Member::required("S3BucketRegion", Shape::string()),
        Member::required("S3BucketAccessRoleArn", Shape::string()),
    ],
);

impl Operation for StartImport {
    const NAME: &'static str = "StartImport";
    const SHAPE: &'static Shape = &Shape::structure(
        "StartImportRequest",
        &[
            Member::optional("Destinations", Shape::list(&EVENT_DATA_STORE).length(1, 1)),
            Member::optional(
                "ImportSource",
                Shape::structure("ImportSource", &[Member::required("S3", S3_IMPORT_SOURCE)]),
            ),
            Member::optional("ImportId", IMPORT_ID),
        ],
    );
    type Output = ImportTold;

    fn run(self, cx: &Context<'_>) -> Result<ImportTold, Failure> {
        let StartImport { destinations, import_source, start_event_time: start, end_event_time: end, import_id } = self;
        if let Some(id) = import_id {
            if destinations.is_some() || import_source.is_some() || start.is_some() || end.is_some() {
                let message = "An import is begun again by its ImportId alone: it goes where it went before.";
                return Err(ApiError::new("InvalidParameterException", message).into());
            }
            return begin_again(&id, cx);
        }
        let (Some([destination]), Some(ImportSource { s3: source })) = (destinations.as_deref(), import_source) else {
            let message = "Specify Destinations, an event data store, and an ImportSource; or the ImportId of an import that has ended.";
            return Err(ApiError::new("InvalidParameterException", message).into());
        };
        if start.zip(end).is_some_and(|(start, end)| start > end) {
            let message = "StartEventTime is after EndEventTime.";
            return Err(ApiError::new("InvalidParameterException", message).into());
        }
        let (bucket, _) = source.parts();
        let is_uri = source.s3_location_uri.starts_with("s3://") && !bucket.is_empty();
        if !is_uri || matches!(cx.world.buckets.exists(bucket), Ok(false) | Err(BucketError::NoBucket(_))) {
            let message = format!(
                "{} is not a place in a bucket of this service: s3://BUCKET/PREFIX/. Link other buckets first.",
                source.s3_location_uri
            );
            return Err(ApiError::new("InvalidImportSourceException", message).into());
        }
        let id = cx.world.dice.uuid();
        cx.store.try_write(|w| {
            let mut store = EventDataStore::find_active(w, cx, destination)?;
            store.check_takes_events()?;
            check_none_goes_on(&Import::all(w, cx)?)?;
            let mut import = Import {
                id,
                account: cx.account.clone(),
                region: cx.region.clone(),
                destination: store.arn.clone(),
                source,
                start,
                end,
                status: ImportStatus::Initializing,
                created_at: cx.now.into(),
                updated_at: cx.now.into(),
                statistics: ImportStatistics::default(),
                walked: String::new(),
                part: None,
                too_old: 0,
            };
            import.put(w, cx.now)?;
            // The store shows what is brought in, also if it takes nothing in itself.
            let shown = Ingestion { from: start, until: Some(end.unwrap_or(cx.now.into())) };
            if !store.is_always_there() && !store.imported.contains(&shown) {
                store.imported.push(shown);
                w.put(&store.key(), &store, cx.now)?;
            }
            Ok(ImportTold::started(import))
        })
    }
}

fn begin_again(id: &str, cx: &Context<'_>) -> Result<ImportTold, Failure> {
    cx.store.try_write(|w| {
        let mut import = Import::find(w, cx, id)?;
        check_none_goes_on(&Import::all(w, cx)?)?;
        import.status = ImportStatus::InProgress;
        import.statistics = ImportStatistics::default();
        import.walked = String::new();
        (import.part, import.too_old) = (None, 0);
        w.forget_import_failures(&import.id)?;
        import.put(w, cx.now)?;
        Ok(ImportTold::started(import))
    })
}

/// AWS's limit. <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartImport.html>
fn check_none_goes_on(all: &[Import]) -> Result<(), ApiError> {
    let Some(import) = all.iter().find(|import| import.status.is_going_on()) else { return Ok(()) };
    let message = format!("The import {} is still going on. Only one goes on at a time.", import.id);
    Err(ApiError::new("AccountHasOngoingImportException", message))
}
