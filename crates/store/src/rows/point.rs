//! A row of table `metrics`: a point of any kind, laid flat.

use std::cmp::Ordering;
use std::sync::Arc;

use pellucid_model::{Attributes, ProjectId, RawPoint, RawPointValue, Resource, Timestamp};

use super::identity::series_id;
use crate::stages::PointRow;

/// What a point is known by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PointKey {
    pub(crate) project: ProjectId,
    pub(crate) series_id: Arc<str>,
    pub(crate) start_time: Option<Timestamp>,
    pub(crate) time: Timestamp,
}

/// A metric point as it stands in the table; what its kind does not have is absent.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct StoredPoint {
    pub(crate) project: ProjectId,
    pub(crate) series_id: Arc<str>,
    pub(crate) metric_name: Arc<str>,
    pub(crate) description: Arc<str>,
    pub(crate) unit: Arc<str>,
    pub(crate) kind: Arc<str>,
    pub(crate) temporality: Arc<str>,
    pub(crate) monotonic: Option<bool>,
    pub(crate) start_time: Option<Timestamp>,
    pub(crate) time: Timestamp,
    pub(crate) received_at: Timestamp,
    pub(crate) value: Option<f64>,
    pub(crate) count: Option<i64>,
    pub(crate) sum: Option<f64>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) bounds: Vec<f64>,
    pub(crate) bucket_counts: Vec<i64>,
    pub(crate) scale: Option<i64>,
    pub(crate) zero_count: Option<i64>,
    pub(crate) positive_offset: Option<i64>,
    pub(crate) positive_counts: Vec<i64>,
    pub(crate) negative_offset: Option<i64>,
    pub(crate) negative_counts: Vec<i64>,
    pub(crate) quantiles: Vec<(f64, f64)>,
    pub(crate) attributes: Attributes,
    pub(crate) resource: Arc<Resource>,
    pub(crate) scope_name: Arc<str>,
}

impl StoredPoint {
    /// A point with its identity.
    pub(crate) fn new(row: PointRow) -> Self {
        let PointRow { project, received_at, point } = row;
        let series_id = series_id(&point).into();
        let RawPoint { resource, scope, metric_name, description, unit, temporality, .. } = point;
        let flat = Self {
            project,
            series_id,
            metric_name,
            description,
            unit,
            kind: point.value.kind().into(),
            temporality: temporality.as_str().into(),
            start_time: Some(point.start_time).filter(|time| *time != Timestamp::ZERO),
            time: point.time,
            received_at,
            attributes: point.attributes,
            resource,
            scope_name: scope.name.as_str().into(),
            ..Self::default()
        };
        flat.with(point.value)
    }

    fn with(self, value: RawPointValue) -> Self {
        match value {
            RawPointValue::None => self,
            RawPointValue::Gauge(value) => Self { value: Some(value), ..self },
            RawPointValue::Sum { value, monotonic } => Self { value: Some(value), monotonic: Some(monotonic), ..self },
            RawPointValue::Histogram { count, sum, min, max, bounds, counts } => {
                Self { count: Some(whole(count)), sum, min, max, bounds, bucket_counts: wholes(counts), ..self }
            }
            RawPointValue::ExponentialHistogram {
                count,
                sum,
                min,
                max,
                scale,
                zero_count,
                positive_offset,
                positive_counts,
                negative_offset,
                negative_counts,
            } => Self {
                count: Some(whole(count)),
                sum,
                min,
                max,
                scale: Some(scale.into()),
                zero_count: Some(whole(zero_count)),
                positive_offset: Some(positive_offset.into()),
                positive_counts: wholes(positive_counts),
                negative_offset: Some(negative_offset.into()),
                negative_counts: wholes(negative_counts),
                ..self
            },
            RawPointValue::Summary { count, sum, quantiles } => {
                Self { count: Some(whole(count)), sum: Some(sum), quantiles, ..self }
            }
        }
    }

    /// What it is known by.
    pub(crate) fn key(&self) -> PointKey {
        PointKey {
            project: self.project.clone(),
            series_id: Arc::clone(&self.series_id),
            start_time: self.start_time,
            time: self.time,
        }
    }

    /// The point's resource to change; others that hold it keep the old one.
    pub(crate) fn edit_resource(&mut self) -> &mut Resource {
        Arc::make_mut(&mut self.resource)
    }

    /// One point of two that claim to be the same, whichever came first: the one that saw more, first taken as either.
    pub(crate) fn merge(&self, other: &Self) -> Self {
        let best = if self.rank(other) == Ordering::Less { other } else { self };
        Self { received_at: self.received_at.min(other.received_at), ..best.clone() }
    }

    fn rank(&self, other: &Self) -> Ordering {
        let float = |left: Option<f64>, right: Option<f64>| {
            left.is_some().cmp(&right.is_some()).then(left.unwrap_or(0.0).total_cmp(&right.unwrap_or(0.0)))
        };
        self.count
            .cmp(&other.count)
            .then_with(|| float(self.value, other.value))
            .then_with(|| float(self.sum, other.sum))
            .then_with(|| self.said().cmp(&other.said()))
    }

    /// Everything but when it was taken, as text: decides between points of equal weight.
    fn said(&self) -> String {
        format!("{:?}", Self { received_at: Timestamp::ZERO, ..self.clone() })
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn wholes(numbers: Vec<u64>) -> Vec<i64> {
    numbers.into_iter().map(whole).collect()
}
