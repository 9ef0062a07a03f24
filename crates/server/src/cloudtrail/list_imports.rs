//! `ListImports`: the imports of this account and Region, the newest first.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListImports.html>

use serde::{Deserialize, Serialize};
use wire::Timestamp;
use wire::check::{Member, Shape};

use super::event_data_store::{EVENT_DATA_STORE, EventDataStore};
use super::import::{Import, ImportStatus};
use super::query::{MAX_RESULTS, NEXT_TOKEN, token_of_list};
use crate::page::{cut, token_name, token_of};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListImports {
    max_results: Option<usize>,
    destination: Option<String>,
    import_status: Option<ImportStatus>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImportsListed {
    imports: Vec<ImportListed>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ImportListed {
    import_id: String,
    import_status: ImportStatus,
    destinations: [String; 1],
    created_timestamp: Timestamp,
    updated_timestamp: Timestamp,
}

const PAGE: usize = 1000;

impl Operation for ListImports {
    const NAME: &'static str = "ListImports";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListImportsRequest",
        &[
            Member::optional("MaxResults", MAX_RESULTS),
            Member::optional("Destination", EVENT_DATA_STORE),
            Member::optional(
                "ImportStatus",
                Shape::string().one_of(&["INITIALIZING", "IN_PROGRESS", "FAILED", "STOPPED", "COMPLETED"]),
            ),
            Member::optional("NextToken", NEXT_TOKEN),
        ],
    );
    type Output = ImportsListed;

    fn run(self, cx: &Context<'_>) -> Result<ImportsListed, Failure> {
        let after = token_of_list(self.next_token.as_deref(), token_name)?;
        let mut all = cx.store.try_read(|r| {
            let mut all = Import::all(r, cx)?;
            if let Some(destination) = &self.destination {
                let store = EventDataStore::find(r, cx, destination)?;
                all.retain(|import| import.destination == store.arn);
            }
            Ok::<_, Failure>(all)
        })?;
        all.retain(|import| self.import_status.is_none_or(|status| import.status == status));
        // Which page comes next is told by the last of this one: it stays where it is, whatever is started meanwhile.
        if let Some(place) = after.and_then(|after| all.iter().position(|import| import.id == after)) {
            all.drain(..=place);
        }
        let (page, next_token) = cut(all, self.max_results.unwrap_or(PAGE), |last| token_of(&last.id));
        let listed = |import: Import| ImportListed {
            import_id: import.id,
            import_status: import.status,
            destinations: [import.destination],
            created_timestamp: import.created_at,
            updated_timestamp: import.updated_at,
        };
        Ok(ImportsListed { imports: page.into_iter().map(listed).collect(), next_token })
    }
}
