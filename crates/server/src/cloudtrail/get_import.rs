//! `GetImport`: how far an import has come.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetImport.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::import::{IMPORT_ID, Import, ImportTold};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetImport {
    import_id: String,
}

impl Operation for GetImport {
    const NAME: &'static str = "GetImport";
    const SHAPE: &'static Shape = &Shape::structure("GetImportRequest", &[Member::required("ImportId", IMPORT_ID)]);
    type Output = ImportTold;

    fn run(self, cx: &Context<'_>) -> Result<ImportTold, Failure> {
        cx.store.try_read(|r| Ok(ImportTold::of(Import::find(r, cx, &self.import_id)?)))
    }
}
