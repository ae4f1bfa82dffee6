//! Priced spans to durable, columnar, queryable tables.
