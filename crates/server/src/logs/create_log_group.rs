//! `CreateLogGroup`: makes a log group, empty.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>

use serde::Deserialize;
use store::tags::Tags;
use wire::check::{Member, Shape};

use super::group::{GROUP_NAME, group_arn, group_name, invalid, is_there};
use super::tags::TAGS;
use crate::{Context, Failure, Operation};

const CLASSES: &[&str] = &["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateLogGroup {
    log_group_name: String,
    kms_key_id: Option<String>,
    tags: Option<Tags>,
    log_group_class: Option<String>,
    deletion_protection_enabled: Option<bool>,
}

impl Operation for CreateLogGroup {
    const NAME: &'static str = "CreateLogGroup";
    const SHAPE: &'static Shape = &Shape::structure(
        "CreateLogGroupRequest",
        &[
            Member::required("logGroupName", GROUP_NAME),
            Member::optional("kmsKeyId", Shape::string().at_most_long(256)),
            Member::optional("tags", TAGS),
            Member::optional("logGroupClass", Shape::string().one_of(CLASSES)),
        ],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        if self.kms_key_id.is_some() {
            return Err(invalid("Log groups are not encrypted with KMS keys here: leave kmsKeyId out.").into());
        }
        if self.log_group_class.is_some_and(|class| class != "STANDARD") {
            return Err(invalid("Log groups are of the class STANDARD here: leave logGroupClass out.").into());
        }
        if self.deletion_protection_enabled == Some(true) {
            return Err(invalid("Log groups are not protected from deletion here.").into());
        }
        let name = group_name(cx, &self.log_group_name);
        cx.store.try_write(|w| {
            if !w.create_log_group(&name, cx.now)? {
                return Err(is_there("log group").into());
            }
            let arn = group_arn(&name);
            w.remove_all_tags(&arn)?;
            Ok(w.set_tags(&arn, &self.tags.unwrap_or_default())?)
        })
    }
}
