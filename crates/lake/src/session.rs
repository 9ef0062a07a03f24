//! Sessions: how statements are read, planned and run, so that they mean what they mean in CloudTrail Lake.

use std::sync::Arc;

use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::memory::Shared;
use crate::query::Limits;
use crate::{LakeError, among, functions, joins, ties, zones};

/// The memory with which a sort begins to put what it wrote to disk in order: so much, and no more than this part of all.
const MERGED_BYTES: usize = 10 << 20;
const MERGED_PART: usize = 32;

/// A session in which statements mean what they mean in CloudTrail Lake.
pub fn session(limits: &Limits) -> Result<SessionContext, LakeError> {
    let context = SessionContext::new_with_config_rt(session_config(limits), runtime(limits)?);
    teach(&context);
    Ok(context)
}

/// Makes Lake's functions known in a session, and how its statements are planned. It may have learnt it before.
pub fn teach(context: &SessionContext) {
    functions::register(context);
    let state = context.state();
    let (mut analyzing, mut optimizing) = (state.analyzer().rules.clone(), state.optimizer().rules.clone());
    let mut of_plans = state.physical_optimizers().to_vec();
    let known = [analyzing.len(), optimizing.len(), of_plans.len()];
    zones::analyze(&mut analyzing);
    among::analyze(&mut analyzing);
    ties::analyze(&mut analyzing);
    among::optimize(&mut optimizing);
    joins::optimize(&mut of_plans);
    if known == [analyzing.len(), optimizing.len(), of_plans.len()] {
        return;
    }
    let state = SessionStateBuilder::new_from_existing(state)
        .with_analyzer_rules(analyzing)
        .with_optimizer_rules(optimizing)
        .with_physical_optimizer_rules(of_plans)
        .build();
    *context.state_ref().write() = state;
}

/// How statements are read and run.
pub fn session_config(limits: &Limits) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(limits.threads)
        .with_information_schema(false)
        .with_create_default_catalog_and_schema(true);
    let options = config.options_mut();
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.collect_spans = true;
    options.sql_parser.default_null_ordering = "nulls_last".into();
    // NULL is joined with nothing, and most columns of most events are.
    options.optimizer.filter_null_join_keys = true;
    options.execution.sort_spill_reservation_bytes = MERGED_BYTES.min(limits.memory_bytes / MERGED_PART);
    options.execution.parquet.pushdown_filters = true;
    options.execution.parquet.reorder_filters = true;
    options.execution.parquet.schema_force_view_types = false;
    options.sql_parser.map_string_types_to_utf8view = false;
    config
}

/// What a statement may take of memory and disk.
pub(crate) fn runtime(limits: &Limits) -> Result<Arc<RuntimeEnv>, LakeError> {
    let disk = DiskManagerBuilder::default().with_max_temp_directory_size(limits.disk_bytes);
    let disk = match &limits.spill_folder {
        Some(folder) => disk.with_mode(DiskManagerMode::Directories(vec![folder.clone()])),
        None => disk,
    };
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(Shared::new(limits.memory_bytes)))
        .with_disk_manager_builder(disk)
        .build()?;
    Ok(Arc::new(runtime))
}
