//! `ListImportFailures`: the log files that an import could not bring in, in the order of their keys.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListImportFailures.html>

use serde::{Deserialize, Serialize};
use store::imports::ImportFailure;
use wire::Timestamp;
use wire::check::{Member, Shape};

use super::import::{IMPORT_ID, Import};
use super::query::{MAX_RESULTS, NEXT_TOKEN, token_of_list};
use crate::page::{cut, token_name, token_of};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListImportFailures {
    import_id: String,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FailuresListed {
    failures: Vec<FailureListed>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FailureListed {
    location: String,
    status: &'static str,
    error_type: String,
    error_message: String,
    last_updated_time: Timestamp,
}

const PAGE: usize = 1000;

impl Operation for ListImportFailures {
    const NAME: &'static str = "ListImportFailures";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListImportFailuresRequest",
        &[
            Member::required("ImportId", IMPORT_ID),
            Member::optional("MaxResults", MAX_RESULTS),
            Member::optional("NextToken", NEXT_TOKEN),
        ],
    );
    type Output = FailuresListed;

    fn run(self, cx: &Context<'_>) -> Result<FailuresListed, Failure> {
        let after = token_of_list(self.next_token.as_deref(), token_name)?;
        let limit = self.max_results.unwrap_or(PAGE);
        cx.store.try_read(|r| {
            let import = Import::find(r, cx, &self.import_id)?;
            let failures = r.import_failures(&import.id, after.as_deref(), limit + 1)?;
            let (page, next_token) = cut(failures, limit, |last| token_of(&last.key));
            let (bucket, _) = import.source.parts();
            let listed = |failure: ImportFailure| FailureListed {
                location: format!("s3://{bucket}/{}", failure.key),
                status: "FAILED",
                error_type: failure.kind,
                error_message: failure.message,
                last_updated_time: failure.at.into(),
            };
            Ok(FailuresListed { failures: page.into_iter().map(listed).collect(), next_token })
        })
    }
}
