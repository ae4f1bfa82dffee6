//! The columns of table `metrics`: one row a point, whatever its kind; columns of other kinds are null.

use std::borrow::Cow;

use pellucid_model::{ProjectId, Value};

use super::column::{Cell, Column};
use crate::rows::{StoredPoint, json};

/// A text that is always there, possibly empty.
macro_rules! text {
    ($name:literal, $field:ident, $meaning:literal) => {
        Column::<StoredPoint>::new(
            $name,
            $meaning,
            Cell::Text {
                get: |row: &StoredPoint| Some(Cow::Borrowed(&row.$field)),
                set: |row: &mut StoredPoint, text| row.$field = text.into(),
            },
        )
        .required()
    };
}

/// A value that may be absent.
macro_rules! value {
    ($cell:ident, $name:literal, $field:ident, $meaning:literal) => {
        Column::<StoredPoint>::new(
            $name,
            $meaning,
            Cell::$cell {
                get: |row: &StoredPoint| row.$field,
                set: |row: &mut StoredPoint, value| row.$field = Some(value),
            },
        )
    };
}

/// A list of numbers, empty if there are none.
macro_rules! list {
    ($cell:ident, $name:literal, $field:ident, $meaning:literal) => {
        Column::<StoredPoint>::new(
            $name,
            $meaning,
            Cell::$cell { get: |row: &StoredPoint| &row.$field, set: |row: &mut StoredPoint, list| row.$field = list },
        )
        .required()
    };
}

/// Every column of `metrics`, in order. Only append.
pub(crate) const METRICS: &[Column<StoredPoint>] = &[
    Column::<StoredPoint>::new(
        "project",
        "who owns the row",
        Cell::Text {
            get: |row| Some(Cow::Borrowed(row.project.as_str())),
            set: |row, text| row.project = ProjectId::new(text),
        },
    )
    .required(),
    text!("metric_name", metric_name, "name of the metric"),
    text!("description", description, "as sent"),
    text!("kind", kind, "gauge, sum, histogram, exponential_histogram, summary, none"),
    text!("unit", unit, "UCUM unit as sent"),
    text!("temporality", temporality, "delta, cumulative, unspecified"),
    value!(Bool, "monotonic", monotonic, "of sums: only ever rises"),
    value!(Time, "start_time", start_time, "start of the interval; null if not said"),
    Column::<StoredPoint>::new(
        "time",
        "the point's time",
        Cell::Time { get: |row| Some(row.time), set: |row, time| row.time = time },
    )
    .required(),
    Column::<StoredPoint>::new(
        "received_at",
        "when this server took it",
        Cell::Time { get: |row| Some(row.received_at), set: |row, time| row.received_at = time },
    )
    .required(),
    value!(Float, "value", value, "of gauges and sums"),
    value!(Int, "count", count, "observations of histograms and summaries"),
    value!(Float, "sum", sum, "sum of the observations"),
    value!(Float, "min", min, "least observation"),
    value!(Float, "max", max, "greatest observation"),
    list!(Floats, "bounds", bounds, "of histograms: upper bounds of all buckets but the last"),
    list!(Ints, "bucket_counts", bucket_counts, "of histograms: observations a bucket"),
    value!(Int, "scale", scale, "of exponential histograms: resolution"),
    value!(Int, "zero_count", zero_count, "of exponential histograms: observations taken as zero"),
    value!(Int, "positive_offset", positive_offset, "of exponential histograms: first positive bucket"),
    list!(Ints, "positive_counts", positive_counts, "of exponential histograms: observations a positive bucket"),
    value!(Int, "negative_offset", negative_offset, "of exponential histograms: first negative bucket"),
    list!(Ints, "negative_counts", negative_counts, "of exponential histograms: observations a negative bucket"),
    Column::<StoredPoint>::new(
        "quantiles",
        "of summaries: JSON list of [quantile, value]",
        Cell::Text {
            get: |row| (!row.quantiles.is_empty()).then(|| Cow::Owned(json::pairs_to_text(&row.quantiles))),
            set: |row, text| row.quantiles = json::pairs_from_text(text),
        },
    ),
    Column::<StoredPoint>::new(
        "attributes",
        "attributes of the series",
        Cell::Map { get: |row| &row.attributes, set: |row, map| row.attributes = map },
    )
    .required(),
    Column::<StoredPoint>::new(
        "resource_attributes",
        "the resource as sent",
        Cell::Map { get: |row| &row.resource.attributes, set: |row, map| row.edit_resource().attributes = map },
    )
    .required(),
    Column::<StoredPoint>::new(
        "service_name",
        "service.name of the resource",
        Cell::Text { get: |row| row.resource.attributes.get("service.name").map(Value::to_text), set: |_, _| {} },
    ),
    text!("scope_name", scope_name, "instrumentation scope"),
    text!("series_id", series_id, "hash of resource, scope, name and attributes"),
];
