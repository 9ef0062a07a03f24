//! CloudTrail: trails, what they log, and what is unusual in it.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/>

use crate::operation::OperationEntry;

mod add_tags;
mod cancel_query;
pub(crate) mod channel;
mod create_channel;
mod create_event_data_store;
mod create_trail;
mod delete_channel;
mod delete_event_data_store;
mod delete_trail;
mod deregister_organization_delegated_admin;
mod describe_query;
mod describe_trails;
mod done;
pub(crate) mod event_data_store;
mod event_lookup;
pub(crate) mod event_selectors;
mod get_channel;
mod get_event_data_store;
mod get_event_selectors;
mod get_import;
mod get_insight_selectors;
mod get_query_results;
mod get_trail;
mod get_trail_status;
pub(crate) mod import;
mod insight_lookup;
mod insight_selectors;
mod later;
mod list_channels;
mod list_event_data_stores;
mod list_import_failures;
mod list_imports;
mod list_insights_data;
mod list_insights_metric_data;
mod list_public_keys;
mod list_queries;
mod list_tags;
mod list_trails;
mod lookup_events;
mod lookup_page;
mod organization;
mod put_event_selectors;
mod put_insight_selectors;
pub(crate) mod query;
pub(crate) mod query_delivery;
mod register_organization_delegated_admin;
mod remove_tags;
mod restore_event_data_store;
mod start_event_data_store_ingestion;
mod start_import;
mod start_logging;
mod start_query;
mod stop_event_data_store_ingestion;
mod stop_import;
mod stop_logging;
mod tags;
mod trail;
mod trail_log;
mod trail_name;
mod trail_settings;
mod trail_status;
mod trail_tags;
mod trail_told;
mod update_channel;
mod update_event_data_store;
mod update_trail;

pub(crate) use event_data_store::EventDataStore;
pub(crate) use trail::Trail;
pub(crate) use trail_log::{TrailLogEvent, log as put_into_log_group};
pub(crate) use trail_status::{TrailStatus, Unlisted};
pub(crate) use trail_tags::TrailTags;

/// Every operation of CloudTrail that is answered. To add one: write its file, then name it here.
pub(crate) static OPERATIONS: &[OperationEntry] = &[
    OperationEntry::of::<create_trail::CreateTrail>(),
    OperationEntry::of::<get_trail::GetTrail>(),
    OperationEntry::of::<describe_trails::DescribeTrails>(),
    OperationEntry::of::<list_trails::ListTrails>(),
    OperationEntry::of::<update_trail::UpdateTrail>(),
    OperationEntry::of::<delete_trail::DeleteTrail>(),
    OperationEntry::of::<start_logging::StartLogging>(),
    OperationEntry::of::<stop_logging::StopLogging>(),
    OperationEntry::of::<get_trail_status::GetTrailStatus>(),
    OperationEntry::of::<put_insight_selectors::PutInsightSelectors>(),
    OperationEntry::of::<get_insight_selectors::GetInsightSelectors>(),
    OperationEntry::of::<put_event_selectors::PutEventSelectors>(),
    OperationEntry::of::<get_event_selectors::GetEventSelectors>(),
    OperationEntry::of::<add_tags::AddTags>(),
    OperationEntry::of::<remove_tags::RemoveTags>(),
    OperationEntry::of::<list_tags::ListTags>(),
    OperationEntry::of::<lookup_events::LookupEvents>(),
    OperationEntry::of::<list_public_keys::ListPublicKeys>(),
    OperationEntry::of::<list_insights_data::ListInsightsData>(),
    OperationEntry::of::<list_insights_metric_data::ListInsightsMetricData>(),
    OperationEntry::of::<register_organization_delegated_admin::RegisterOrganizationDelegatedAdmin>(),
    OperationEntry::of::<deregister_organization_delegated_admin::DeregisterOrganizationDelegatedAdmin>(),
    OperationEntry::of::<create_event_data_store::CreateEventDataStore>(),
    OperationEntry::of::<get_event_data_store::GetEventDataStore>(),
    OperationEntry::of::<list_event_data_stores::ListEventDataStores>(),
    OperationEntry::of::<update_event_data_store::UpdateEventDataStore>(),
    OperationEntry::of::<delete_event_data_store::DeleteEventDataStore>(),
    OperationEntry::of::<restore_event_data_store::RestoreEventDataStore>(),
    OperationEntry::of::<start_event_data_store_ingestion::StartEventDataStoreIngestion>(),
    OperationEntry::of::<stop_event_data_store_ingestion::StopEventDataStoreIngestion>(),
    OperationEntry::of::<create_channel::CreateChannel>(),
    OperationEntry::of::<get_channel::GetChannel>(),
    OperationEntry::of::<list_channels::ListChannels>(),
    OperationEntry::of::<update_channel::UpdateChannel>(),
    OperationEntry::of::<delete_channel::DeleteChannel>(),
    OperationEntry::of::<start_import::StartImport>(),
    OperationEntry::of::<get_import::GetImport>(),
    OperationEntry::of::<list_imports::ListImports>(),
    OperationEntry::of::<list_import_failures::ListImportFailures>(),
    OperationEntry::of::<stop_import::StopImport>(),
    OperationEntry::of::<start_query::StartQuery>(),
    OperationEntry::of::<describe_query::DescribeQuery>(),
    OperationEntry::of::<get_query_results::GetQueryResults>(),
    OperationEntry::of::<cancel_query::CancelQuery>(),
    OperationEntry::of::<list_queries::ListQueries>(),
    // These say why not.
    OperationEntry::of::<later::CreateDashboard>(),
    OperationEntry::of::<later::GetDashboard>(),
    OperationEntry::of::<later::ListDashboards>(),
    OperationEntry::of::<later::UpdateDashboard>(),
    OperationEntry::of::<later::DeleteDashboard>(),
    OperationEntry::of::<later::StartDashboardRefresh>(),
    OperationEntry::of::<later::EnableFederation>(),
    OperationEntry::of::<later::DisableFederation>(),
    OperationEntry::of::<later::GenerateQuery>(),
    OperationEntry::of::<later::SearchSampleQueries>(),
    OperationEntry::of::<later::PutResourcePolicy>(),
    OperationEntry::of::<later::GetResourcePolicy>(),
    OperationEntry::of::<later::DeleteResourcePolicy>(),
    OperationEntry::of::<later::PutEventConfiguration>(),
    OperationEntry::of::<later::GetEventConfiguration>(),
];
