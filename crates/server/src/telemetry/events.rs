//! The table of what is counted: one row a counter.

use super::registry::Counter;

/// Every OTLP request, by how it ended: `accepted`, `partial`, `refused` (come back later), `denied`, `invalid`, `failed`.
pub(crate) const OTLP_REQUESTS: Counter = Counter {
    name: "pellucid_otlp_requests_total",
    help: "OTLP requests by outcome.",
    labels: &["signal", "transport", "outcome"],
};

/// Bodies as sent.
pub(crate) const OTLP_BYTES: Counter = Counter {
    name: "pellucid_otlp_received_bytes_total",
    help: "Bytes of OTLP bodies as sent.",
    labels: &["signal", "transport"],
};

/// Spans, log records and points that are durable.
pub(crate) const ITEMS_ACCEPTED: Counter = Counter {
    name: "pellucid_otlp_items_accepted_total",
    help: "Spans, log records and points stored.",
    labels: &["signal", "transport"],
};

/// Spans, log records and points that partial success told of.
pub(crate) const ITEMS_REJECTED: Counter = Counter {
    name: "pellucid_otlp_items_rejected_total",
    help: "Spans, log records and points rejected in a partial success.",
    labels: &["signal", "transport"],
};

/// Requests to the API, by class of status.
pub(crate) const API_REQUESTS: Counter =
    Counter { name: "pellucid_api_requests_total", help: "API requests by status class.", labels: &["status"] };

/// Connections taken, by port.
pub(crate) const CONNECTIONS: Counter =
    Counter { name: "pellucid_connections_total", help: "Connections accepted.", labels: &["listener"] };
