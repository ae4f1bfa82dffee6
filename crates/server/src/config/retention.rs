//! Settings of retention: how long whose rows are kept, and how many bytes the directory may take.

use std::collections::BTreeMap;
use std::time::Duration;

use pellucid_model::{Error, ErrorKind, ProjectId, Result};
use pellucid_store::{Ages, Retention};
use serde::{Deserialize, Serialize};

/// How long rows are kept. Ages are texts such as "30d"; empty means for ever.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionShape {
    /// Age from which spans leave.
    pub spans: String,
    /// Age from which log records leave.
    pub logs: String,
    /// Age from which metric points leave.
    pub metrics: String,
    /// Bytes that the data directory may take, such as "200GB"; beyond it the oldest files go. Empty: as many as there are.
    pub max_bytes: String,
    /// Projects with ages of their own.
    pub projects: BTreeMap<String, ProjectAges>,
}

/// Ages of one project; what is not given is as for all.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProjectAges {
    /// Age from which spans leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spans: Option<String>,
    /// Age from which log records leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logs: Option<String>,
    /// Age from which metric points leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<String>,
}

const HOUR_SECONDS: u64 = 3600;
/// Units of ages, in seconds.
const AGES: [(&str, u64); 3] = [("h", HOUR_SECONDS), ("d", 24 * HOUR_SECONDS), ("w", 7 * 24 * HOUR_SECONDS)];
/// Units of sizes, in bytes; the longer ones first, since "B" ends all of them.
const SIZES: [(&str, u64); 9] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("B", 1),
];

impl RetentionShape {
    /// The same for the store; an error names the key.
    pub(crate) fn to_retention(&self) -> Result<Retention> {
        let ages = Ages {
            spans: age("retention.spans", &self.spans)?,
            logs: age("retention.logs", &self.logs)?,
            metrics: age("retention.metrics", &self.metrics)?,
        };
        let mut projects = BTreeMap::new();
        for (project, own) in &self.projects {
            let or = |table: &str, text: &Option<String>, all: Option<Duration>| match text {
                Some(text) => age(&format!("retention.projects.{project}.{table}"), text),
                None => Ok(all),
            };
            let own = Ages {
                spans: or("spans", &own.spans, ages.spans)?,
                logs: or("logs", &own.logs, ages.logs)?,
                metrics: or("metrics", &own.metrics, ages.metrics)?,
            };
            projects.insert(ProjectId::new(project.as_str()), own);
        }
        let wrong = "a size, such as \"200GB\"";
        let max_bytes = number("retention.max_bytes", &self.max_bytes, &SIZES, wrong)?;
        Ok(Retention { ages, projects, max_bytes })
    }
}

fn age(key: &str, text: &str) -> Result<Option<Duration>> {
    let wrong = "an age in hours, days or weeks, such as \"30d\"";
    Ok(number(key, text, &AGES, wrong)?.map(Duration::from_secs))
}

/// A number above 0 with its unit; nothing if the text is empty.
fn number(key: &str, text: &str, units: &[(&str, u64)], want: &str) -> Result<Option<u64>> {
    if text.is_empty() {
        return Ok(None);
    }
    let unit = units.iter().find_map(|(unit, size)| Some((text.strip_suffix(unit)?, *size)));
    let number = unit.and_then(|(count, size)| count.trim().parse::<u64>().ok()?.checked_mul(size));
    match number.filter(|number| *number > 0) {
        Some(number) => Ok(Some(number)),
        None => Err(Error::new(ErrorKind::Invalid, format!("{key} must be {want}, not {text:?}"))
            .with_hint("leave it empty to keep everything")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * HOUR_SECONDS);

    #[test]
    fn ages_and_sizes_are_read_and_projects_fall_back() {
        let text = "spans = \"30d\"\nlogs = \"2w\"\nmax_bytes = \"200GB\"\n\
            [projects.shop]\nspans = \"36h\"\nlogs = \"\"\n[projects.\"a.b\"]\n";
        let retention = toml::from_str::<RetentionShape>(text).unwrap().to_retention().unwrap();
        assert_eq!(retention.ages, Ages { spans: Some(30 * DAY), logs: Some(14 * DAY), metrics: None });
        assert_eq!(retention.max_bytes, Some(200_000_000_000));
        let own = Ages { spans: Some(DAY + DAY / 2), logs: None, metrics: None };
        assert_eq!(retention.projects[&ProjectId::new("shop")], own);
        assert_eq!(retention.projects[&ProjectId::new("a.b")], retention.ages);
        assert_eq!(RetentionShape::default().to_retention().unwrap(), Retention::default());
    }

    #[test]
    fn what_is_no_age_or_size_is_named() {
        for (key, value) in [("spans", "30"), ("logs", "0d"), ("metrics", "-1d"), ("max_bytes", "9 GB x")] {
            let shape = toml::from_str::<RetentionShape>(&format!("{key} = {value:?}")).unwrap();
            let error = shape.to_retention().unwrap_err();
            assert!(error.message.starts_with(&format!("retention.{key} must be a")), "{}", error.message);
        }
        let shape: RetentionShape = toml::from_str("[projects.shop]\nlogs = \"x\"").unwrap();
        assert!(shape.to_retention().unwrap_err().message.starts_with("retention.projects.shop.logs must be"));
    }
}
