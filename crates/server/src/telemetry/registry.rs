//! A small registry of counters and its text form for Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

/// One row of the table of counters.
#[derive(Debug)]
pub(crate) struct Counter {
    /// Metric name, `pellucid_…_total`.
    pub(crate) name: &'static str,
    /// One sentence.
    pub(crate) help: &'static str,
    /// Label names, in the order of the values given to [`Registry::add`].
    pub(crate) labels: &'static [&'static str],
}

type Series = BTreeMap<Vec<&'static str>, u64>;

/// All counters of one server. A counter appears with its first increment.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    families: Mutex<BTreeMap<&'static str, (&'static Counter, Series)>>,
}

impl Registry {
    /// Adds to one series.
    pub(crate) fn add(&self, counter: &'static Counter, values: &[&'static str], amount: u64) {
        debug_assert_eq!(values.len(), counter.labels.len(), "{}", counter.name);
        let mut families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, series) = families.entry(counter.name).or_insert_with(|| (counter, Series::new()));
        *series.entry(values.to_vec()).or_default() += amount;
    }

    /// Appends every counter in Prometheus' text format.
    pub(crate) fn write(&self, out: &mut String) {
        let families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        for (counter, series) in families.values() {
            line(out, format_args!("# HELP {} {}\n# TYPE {} counter", counter.name, counter.help, counter.name));
            for (values, amount) in series {
                let labels: Vec<String> =
                    counter.labels.iter().zip(values).map(|(name, value)| format!("{name}=\"{value}\"")).collect();
                line(out, format_args!("{}{{{}}} {amount}", counter.name, labels.join(",")));
            }
        }
    }
}

/// Appends one gauge in Prometheus' text format; `labels` is empty or `{name="value"}`.
pub(crate) fn gauge(out: &mut String, name: &str, help: &str, samples: &[(&str, f64)]) {
    line(out, format_args!("# HELP {name} {help}\n# TYPE {name} gauge"));
    for (labels, value) in samples {
        line(out, format_args!("{name}{labels} {value}"));
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    writeln!(out, "{text}").unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: Counter = Counter { name: "rows_total", help: "Rows.", labels: &["table"] };

    #[test]
    fn prometheus_can_read_it() {
        let registry = Registry::default();
        registry.add(&ROWS, &["spans"], 2);
        registry.add(&ROWS, &["spans"], 3);
        let mut text = String::new();
        registry.write(&mut text);
        gauge(&mut text, "up", "Up.", &[("", 1.0)]);
        assert_eq!(
            text,
            "# HELP rows_total Rows.\n# TYPE rows_total counter\nrows_total{table=\"spans\"} 5\n\
             # HELP up Up.\n# TYPE up gauge\nup 1\n"
        );
    }
}
