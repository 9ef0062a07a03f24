//! What of a plan is ours, as it is sent: a part of a table as its files and the condition on its rows, log files as a list of them, and a scan of
//! these.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use ballista_core::serde::{BallistaLogicalExtensionCodec, BallistaPhysicalExtensionCodec};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::{DataFusionError, Result, TableReference, internal_datafusion_err};
use datafusion::datasource::file_format::FileFormatFactory;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Extension, LogicalPlan};
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::logical_plan::from_proto::parse_expr;
use datafusion_proto::logical_plan::to_proto::serialize_expr;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use datafusion_proto::protobuf::LogicalExprNode;
use lake::logs::{LogsElsewhere, TellUnread};
use lake::place::Address;
use lake::schema::Kind;
use lake::stored::Stored;
use lake::table::DataFile;
use prost::Message;
use serde::{Deserialize, Serialize};

/// Ballista's, and tables of the lake and of log files besides.
#[derive(Debug, Default)]
pub(crate) struct LakeCodec {
    ballista: BallistaLogicalExtensionCodec,
}

/// A part of a table on its way.
#[derive(Serialize, Deserialize)]
struct Sent<'p> {
    kind: Kind,
    address: Cow<'p, Address>,
    files: Cow<'p, [DataFile]>,
    /// DataFusion's form of it.
    condition: Option<Vec<u8>>,
}

fn broken(what: impl std::fmt::Display) -> DataFusionError {
    internal_datafusion_err!(
        "a table of the lake cannot be read from what was sent: {what}; all programs of a cluster must be of one version"
    )
}

impl LogicalExtensionCodec for LakeCodec {
    fn try_decode(&self, sent: &[u8], inputs: &[LogicalPlan], context: &TaskContext) -> Result<Extension> {
        self.ballista.try_decode(sent, inputs, context)
    }

    fn try_encode(&self, node: &Extension, out: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode(node, out)
    }

    fn try_decode_table_provider(
        &self,
        sent: &[u8],
        _: &TableReference,
        _: SchemaRef,
        context: &TaskContext,
    ) -> Result<Arc<dyn TableProvider>> {
        if let Some(logs) = LogsElsewhere::unpack(sent) {
            return Ok(Arc::new(logs.map_err(broken)?));
        }
        let Sent { kind, address, files, condition } = serde_json::from_slice(sent).map_err(broken)?;
        let read = |bytes: Vec<u8>| {
            let node = LogicalExprNode::decode(bytes.as_slice()).map_err(broken)?;
            parse_expr(&node, context, self).map_err(broken)
        };
        let condition = condition.map(read).transpose()?;
        Ok(Arc::new(Stored::new(kind, address.into_owned(), files.into_owned(), condition)))
    }

    fn try_encode_table_provider(
        &self,
        name: &TableReference,
        table: Arc<dyn TableProvider>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        if let Some(logs) = table.downcast_ref::<LogsElsewhere>() {
            return logs.pack(out).map_err(broken);
        }
        let Some(stored) = table.downcast_ref::<Stored>() else {
            return self.ballista.try_encode_table_provider(name, table, out);
        };
        let written = |condition| serialize_expr(condition, self).map(|node| node.encode_to_vec()).map_err(broken);
        let condition = stored.condition.as_ref().map(written).transpose()?;
        let (address, files) = (Cow::Borrowed(&stored.address), Cow::from(&stored.files));
        serde_json::to_writer(out, &Sent { kind: stored.kind, address, files, condition }).map_err(broken)
    }

    fn try_decode_file_format(&self, sent: &[u8], context: &TaskContext) -> Result<Arc<dyn FileFormatFactory>> {
        self.ballista.try_decode_file_format(sent, context)
    }

    fn try_encode_file_format(&self, out: &mut Vec<u8>, format: Arc<dyn FileFormatFactory>) -> Result<()> {
        self.ballista.try_encode_file_format(out, format)
    }
}

/// Ballista's, and scans of log files besides.
#[derive(Default)]
pub(crate) struct ScanCodec {
    ballista: BallistaPhysicalExtensionCodec,
    /// Of who runs them: is told what they do not read.
    tell_unread: Option<TellUnread>,
}

impl ScanCodec {
    /// That of an executor, which tells what it does not read.
    pub(crate) fn telling(tell_unread: TellUnread) -> ScanCodec {
        ScanCodec { tell_unread: Some(tell_unread), ..ScanCodec::default() }
    }
}

impl fmt::Debug for ScanCodec {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ballista.fmt(out)
    }
}

impl PhysicalExtensionCodec for ScanCodec {
    fn try_decode(
        &self,
        sent: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match LogsElsewhere::unpack_scan(sent, self.tell_unread.clone()) {
            Some(scan) => scan.map_err(broken),
            None => self.ballista.try_decode(sent, inputs, context, converter),
        }
    }

    fn try_encode(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        out: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        match LogsElsewhere::pack_scan(&*plan, out) {
            Some(packed) => packed.map_err(broken),
            None => self.ballista.try_encode(plan, out, converter),
        }
    }
}
