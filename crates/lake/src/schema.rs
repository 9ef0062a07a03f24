//! The columns of event data stores, as AWS's Lake has them: nested where AWS nests, maps of JSON text where AWS has maps.
//!
//! Three tables: events (management, data and network activity), Insights events, and events from outside of AWS. Names are written as records write them;
//! statements may write them in any case. AWS's page prints `attributions`, `insight` and `baseline` as single structs, but
//! says that there are five of each: they are lists here.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-supported-event-schemas.html>

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};

/// What an event data store keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Kind {
    /// Management events, data events, network activity.
    Events,
    /// Insights events.
    Insights,
    /// Events from outside of AWS, which channels bring.
    Activity,
}

impl Kind {
    /// Each of them.
    pub const ALL: [Kind; 3] = [Kind::Events, Kind::Insights, Kind::Activity];

    /// Its columns.
    pub fn schema(self) -> SchemaRef {
        match self {
            Kind::Events => Arc::clone(&EVENTS),
            Kind::Insights => Arc::clone(&INSIGHTS),
            Kind::Activity => Arc::clone(&ACTIVITY),
        }
    }
}

/// Moments: in UTC, to the microsecond (what Parquet readers of all kinds know).
pub const MOMENT: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// Names and their values, as text; what is nested is JSON text.
pub(crate) fn map() -> DataType {
    map_of(DataType::Utf8, DataType::Utf8)
}

/// A list of these.
pub(crate) fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, true)))
}

/// A map of these.
pub(crate) fn map_of(key: DataType, value: DataType) -> DataType {
    let pair = Fields::from(vec![Field::new("key", key, false), Field::new("value", value, true)]);
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(pair), false)), false)
}

fn structure(fields: Vec<Field>) -> DataType {
    DataType::Struct(Fields::from(fields))
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

fn texts<const N: usize>(names: [&str; N]) -> Vec<Field> {
    names.into_iter().map(text).collect()
}

fn column(name: &str, of: DataType) -> Field {
    Field::new(name, of, true)
}

fn schema(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}

/// Columns of events.
static EVENTS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let session_context = structure(vec![
        column("attributes", structure(vec![column("creationDate", MOMENT), text("mfaAuthenticated")])),
        column("sessionIssuer", structure(texts(["type", "principalId", "arn", "accountId", "userName"]))),
        column("webIdFederationData", structure(vec![text("federatedProvider"), column("attributes", map())])),
        text("sourceIdentity"),
        text("ec2RoleDelivery"),
        text("ec2IssuedInVpc"),
    ]);
    let mut identity = texts(["type", "principalId", "arn", "accountId", "accessKeyId", "userName"]);
    identity.extend([
        column("sessionContext", session_context),
        column("onBehalfOf", structure(texts(["userId", "identityStoreArn"]))),
        column("inScopeOf", structure(texts(["sourceArn", "sourceAccount", "issuerType", "credentialsIssuedTo"]))),
        text("invokedBy"),
        text("identityProvider"),
    ]);
    let mut fields =
        vec![text("eventVersion"), column("userIdentity", structure(identity)), column("eventTime", MOMENT)];
    fields.extend(texts([
        "eventSource",
        "eventName",
        "awsRegion",
        "sourceIPAddress",
        "userAgent",
        "errorCode",
        "errorMessage",
    ]));
    fields.extend(["requestParameters", "responseElements", "additionalEventData"].map(|name| column(name, map())));
    fields.extend(texts(["requestID", "eventID"]));
    fields.push(column("readOnly", DataType::Boolean));
    fields.push(column("resources", list_of(structure(texts(["accountId", "type", "arn", "arnPrefix"])))));
    fields.extend(texts(["eventType", "apiVersion"]));
    fields.push(column("managementEvent", DataType::Boolean));
    fields.extend(texts([
        "recipientAccountId",
        "sharedEventID",
        "annotation",
        "vpcEndpointId",
        "vpcEndpointAccountId",
    ]));
    fields.extend(
        ["serviceEventDetails", "addendum", "edgeDeviceDetails", "insightDetails"].map(|name| column(name, map())),
    );
    fields.push(text("eventCategory"));
    fields.push(column("tlsDetails", structure(texts(["tlsVersion", "cipherSuite", "clientProvidedHostHeader"]))));
    fields.extend(texts(["sessionCredentialFromConsole", "eventJson", "eventJsonChecksum"]));
    schema(fields)
});

fn averages(name: &str) -> Field {
    column(name, list_of(structure(vec![text("value"), column("average", DataType::Float64)])))
}

/// Columns of Insights events: AWS's, and behind them those that the records of trails have, for statements that were written
/// for these.
static INSIGHTS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let double = |name| column(name, DataType::Float64);
    let whole = |name| column(name, DataType::Int32);
    let attribution = |own: Vec<Field>| {
        let mut fields = vec![text("attribute")];
        fields.extend(own);
        fields.extend([averages("insight"), averages("baseline")]);
        column("attributions", list_of(structure(fields)))
    };
    let context = structure(vec![
        double("baselineAverage"),
        double("insightAverage"),
        whole("baselineDuration"),
        whole("insightDuration"),
        attribution(vec![
            text("insightValue"),
            double("insightAverage"),
            text("baselineValue"),
            double("baselineAverage"),
        ]),
    ]);
    let statistics = structure(vec![
        column("baseline", structure(vec![double("average")])),
        column("insight", structure(vec![double("average")])),
        whole("insightDuration"),
        whole("baselineDuration"),
    ]);
    let mut details = texts(["state", "eventSource", "eventName", "insightType", "errorCode", "sourceEventCategory"]);
    details.push(column("insightContext", structure(vec![column("statistics", statistics), attribution(Vec::new())])));
    let mut fields = texts(["eventVersion", "eventCategory", "eventType", "eventID"]);
    fields.push(column("eventTime", MOMENT));
    fields.extend(texts(["awsRegion", "recipientAccountId", "sharedEventID"]));
    fields.push(column("addendum", map()));
    fields.extend(texts([
        "insightSource",
        "insightState",
        "insightEventSource",
        "insightEventName",
        "insightErrorCode",
        "insightType",
    ]));
    fields.push(column("insightContext", context));
    fields.extend(texts(["eventSource", "eventName"]));
    fields.push(column("insightDetails", structure(details)));
    fields.push(text("eventJson"));
    schema(fields)
});

/// Columns of events from outside of AWS: AWS's, and behind them the ids of the event data stores that each is in, and the whole event.
static ACTIVITY: LazyLock<SchemaRef> = LazyLock::new(|| {
    let identity = structure(vec![text("type"), text("principalId"), column("details", map())]);
    let mut data = vec![text("version"), column("userIdentity", identity)];
    data.extend(texts(["userAgent", "eventSource", "eventName", "eventTime", "UID"]));
    data.extend(["requestParameters", "responseElements"].map(|name| column(name, map())));
    data.extend(texts(["errorCode", "errorMessage", "sourceIPAddress", "recipientAccountId"]));
    data.push(column("additionalEventData", map()));
    let mut fields = texts(["eventVersion", "eventCategory", "eventType", "eventID"]);
    fields.push(column("eventTime", MOMENT));
    fields.extend(texts(["awsRegion", "recipientAccountId"]));
    fields.push(column("addendum", structure(texts(["reason", "updatedFields", "originalUID", "originalEventID"]))));
    fields.push(column("metadata", structure(texts(["ingestionTime", "channelARN"]))));
    fields.push(column("eventData", structure(data)));
    fields.push(column("eventDataStores", list_of(DataType::Utf8)));
    fields.push(text("eventJson"));
    schema(fields)
});

/// Visits the names of all columns and of the fields within them.
pub(crate) fn each_name(fields: &Fields, each: &mut impl FnMut(&str)) {
    for field in fields {
        each(field.name());
        within(field.data_type(), each);
    }
}

fn within(of: &DataType, each: &mut impl FnMut(&str)) {
    match of {
        DataType::Struct(fields) => each_name(fields, each),
        DataType::List(item) => item_within(item, each),
        _ => {}
    }
}

fn item_within(item: &FieldRef, each: &mut impl FnMut(&str)) {
    within(item.data_type(), each);
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Statements write names in any case, so one name is written in one way in all tables.
    #[test]
    fn no_name_is_written_in_two_ways() {
        let mut spelt: HashMap<String, String> = HashMap::new();
        for kind in Kind::ALL {
            each_name(kind.schema().fields(), &mut |name| {
                let first = spelt.entry(name.to_lowercase()).or_insert_with(|| name.to_owned());
                assert_eq!(first, name);
            });
        }
        each_name(crate::functions::fields_of_insights(), &mut |name| {
            let first = spelt.entry(name.to_lowercase()).or_insert_with(|| name.to_owned());
            assert_eq!(first, name);
        });
    }
}
