//! `StopImport`: no more files are brought in, once the part that is under way is. `StartImport` begins again.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopImport.html>

use serde::Deserialize;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::import::{IMPORT_ID, Import, ImportStatus, ImportTold};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StopImport {
    import_id: String,
}

impl Operation for StopImport {
    const NAME: &'static str = "StopImport";
    const SHAPE: &'static Shape = &Shape::structure("StopImportRequest", &[Member::required("ImportId", IMPORT_ID)]);
    type Output = ImportTold;

    fn run(self, cx: &Context<'_>) -> Result<ImportTold, Failure> {
        cx.store.try_write(|w| {
            let mut import = Import::find(w, cx, &self.import_id)?;
            if !import.status.is_going_on() {
                let message = format!("The import {} has ended already.", import.id);
                return Err(ApiError::new("InvalidParameterException", message).into());
            }
            import.status = ImportStatus::Stopped;
            import.put(w, cx.now)?;
            Ok(ImportTold::of(import))
        })
    }
}
