//! Log lines: to stderr, filtered, as text or JSON. Secrets and telemetry content are never logged.

use std::io::IsTerminal;

use pellucid_model::{Error, ErrorKind, Result};
use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Starts logging for the whole process. Harmless when it was started before.
pub(crate) fn start(filter: &str, format: LogFormat) -> Result<()> {
    let filter = EnvFilter::try_new(filter).map_err(|cause| {
        Error::new(ErrorKind::Invalid, format!("log: {cause}")).with_hint("write for example info,pellucid_store=debug")
    })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    // A second start finds the first one's subscriber in place, which is as good.
    started.or(Ok(()))
}
