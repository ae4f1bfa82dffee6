//! What a data file's leaf columns hold, as text in the form of the catalogue.

use chrono::{DateTime, Utc};
use parquet::basic::{LogicalType, TimeUnit};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescriptor;

/// One leaf column of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeafBounds {
    /// The id of its field.
    pub(crate) field_id: i64,
    /// Compressed size.
    pub(crate) bytes: i64,
    /// Values that are not null.
    pub(crate) values: i64,
    /// Nulls.
    pub(crate) nulls: i64,
    /// A lower bound; nothing if not known.
    pub(crate) min: Option<String>,
    /// An upper bound; nothing if not known.
    pub(crate) max: Option<String>,
}

/// Every leaf column of a file.
pub(crate) fn leaf_bounds(metadata: &ParquetMetaData) -> Vec<LeafBounds> {
    let columns = metadata.file_metadata().schema_descr().columns();
    columns.iter().enumerate().map(|(index, column)| one(metadata, index, column)).collect()
}

fn one(metadata: &ParquetMetaData, index: usize, column: &ColumnDescriptor) -> LeafBounds {
    let chunks = || metadata.row_groups().iter().map(|group| group.column(index));
    let nulls = chunks().filter_map(|chunk| chunk.statistics()?.null_count_opt()).sum::<u64>() as i64;
    let total: i64 = chunks().map(|chunk| chunk.num_values()).sum();
    let merged =
        chunks().map(|chunk| chunk.statistics().and_then(Bounds::of)).reduce(|left, right| left?.merge(right?));
    let (min, max) = merged.flatten().map_or((None, None), |bounds| bounds.text(column));
    LeafBounds {
        field_id: field_id(column),
        bytes: chunks().map(|chunk| chunk.compressed_size()).sum(),
        values: total - nulls,
        nulls,
        min,
        max,
    }
}

fn field_id(column: &ColumnDescriptor) -> i64 {
    let info = column.self_type().get_basic_info();
    if info.has_id() { i64::from(info.id()) } else { -1 }
}

#[derive(Debug, Clone)]
enum Bounds {
    Int(i64, i64),
    Float(f64, f64),
    Bool(bool, bool),
    Text(String, String),
}

impl Bounds {
    fn of(statistics: &Statistics) -> Option<Self> {
        Some(match statistics {
            Statistics::Boolean(s) => Self::Bool(*s.min_opt()?, *s.max_opt()?),
            Statistics::Int32(s) => Self::Int((*s.min_opt()?).into(), (*s.max_opt()?).into()),
            Statistics::Int64(s) => Self::Int(*s.min_opt()?, *s.max_opt()?),
            Statistics::Double(s) => Self::Float(*s.min_opt()?, *s.max_opt()?),
            Statistics::ByteArray(s) if s.min_is_exact() && s.max_is_exact() => {
                Self::Text(s.min_opt()?.as_utf8().ok()?.to_owned(), s.max_opt()?.as_utf8().ok()?.to_owned())
            }
            _ => return None,
        })
    }

    fn merge(self, other: Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Int(a, b), Self::Int(c, d)) => Self::Int(a.min(c), b.max(d)),
            (Self::Float(a, b), Self::Float(c, d)) => Self::Float(a.min(c), b.max(d)),
            (Self::Bool(a, b), Self::Bool(c, d)) => Self::Bool(a && c, b || d),
            (Self::Text(a, b), Self::Text(c, d)) => Self::Text(a.min(c), b.max(d)),
            _ => return None,
        })
    }

    fn text(&self, column: &ColumnDescriptor) -> (Option<String>, Option<String>) {
        let pair = |a: String, b: String| (Some(a), Some(b));
        match (self, column.logical_type_ref()) {
            (Self::Int(a, b), Some(LogicalType::Timestamp(kind))) if kind.unit == TimeUnit::NANOS => {
                (time(*a, false), time(*b, true))
            }
            (Self::Int(a, b), None | Some(LogicalType::Integer(_))) => pair(a.to_string(), b.to_string()),
            (Self::Float(a, b), _) if a.is_finite() && b.is_finite() => pair(a.to_string(), b.to_string()),
            (Self::Bool(a, b), _) => pair(u8::from(*a).to_string(), u8::from(*b).to_string()),
            (Self::Text(a, b), _) if !a.contains('\0') && !b.contains('\0') => pair(a.clone(), b.clone()),
            _ => (None, None),
        }
    }
}

/// Microseconds, the catalogue's resolution: lower bounds round down, upper ones up.
fn time(nanos: i64, up: bool) -> Option<String> {
    let micros = nanos.div_euclid(1000) + i64::from(up && nanos.rem_euclid(1000) != 0);
    let time = DateTime::<Utc>::from_timestamp_micros(micros)?;
    Some(time.format("%Y-%m-%d %H:%M:%S%.6f+00").to_string())
}
