//! The column tables against the contract and their Arrow schemas.

use std::collections::HashSet;

use arrow::datatypes::DataType;

use super::{columns, schema};
use crate::snapshot::Table;

#[test]
fn every_column_is_named_once_and_explained() {
    for table in Table::ALL {
        let columns = columns(table);
        let names: HashSet<_> = columns.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), columns.len(), "{table:?}");
        assert!(columns.iter().all(|column| !column.meaning.is_empty() && !column.since.is_empty()));
        assert_eq!(schema(table).fields().len(), columns.len());
        assert_eq!(schema(table).field(0).name(), "project");
    }
}

#[test]
fn units_stand_in_names_where_numbers_have_them() {
    for column in Table::ALL.into_iter().flat_map(columns) {
        let number = matches!(column.data_type, DataType::Int64 | DataType::Decimal128(..));
        for (suffix, unit) in [("_ns", "ns"), ("_tokens", "tokens"), ("_usd", "USD")] {
            if column.name.ends_with(suffix) {
                assert_eq!((number, column.unit), (true, unit), "{}", column.name);
            }
        }
    }
}

#[test]
fn the_contract_is_kept() {
    let spans: HashSet<_> = columns(Table::Spans).into_iter().map(|column| column.name).collect();
    let contract = "trace_id span_id parent_span_id start_time end_time duration_ns received_at source name span_kind \
        status status_message status_raw service_name service_version environment scope_name scope_version kind \
        operation dialects provider provider_raw model_vendor request_model response_model response_id temperature \
        top_p frequency_penalty presence_penalty top_k max_tokens seed choice_count stop_sequences finish_reasons \
        stream input_tokens output_tokens total_tokens cache_read_tokens cache_write_tokens reasoning_tokens \
        usage_source counts cost_usd input_cost_usd output_cost_usd cost_source reported_cost_usd price_id ttft_ns \
        system_instructions input_messages output_messages tool_definitions input_value output_value session_id \
        user_id app_name release tags agent_id agent_name workflow_name tool_name tool_call_id tool_arguments \
        tool_result db_system db_operation db_collection db_query db_top_k db_returned embedding_dims prompt_name \
        prompt_version error_type error_message http_status_code truncated redacted attributes resource_attributes \
        project joined events links usage_notes service_tier flags";
    for name in contract.split_whitespace() {
        assert!(spans.contains(name), "{name}");
    }
}
