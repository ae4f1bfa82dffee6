//! `pellucid serve`: the server itself.

use std::path::PathBuf;

use pellucid_model::{Error, ErrorKind, Result};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use super::{output, runtime};
use crate::config::{self, Config};
use crate::{telemetry, wiring};

/// Receive, store, answer and show, in one process
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pellucid serve
  pellucid serve --listen 127.0.0.1:9000 --data /var/lib/pellucid
  pellucid serve --config pellucid.toml --print-config
  pellucid serve --set limits.query_seconds=60

Every setting can also stand in the file or in the environment: limits.query_seconds is PELLUCID_LIMITS_QUERY_SECONDS.
Flags beat the environment, which beats the file, which beats the defaults. Port 0 takes any free port; the chosen ones
are printed as one JSON line on stdout once everything is open.")]
pub(super) struct Args {
    /// TOML file with settings (PELLUCID_CONFIG)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// UI, API and OTLP/HTTP [default: 127.0.0.1:9529]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// OTLP/HTTP alone [default: 127.0.0.1:4318]
    #[arg(long, value_name = "ADDR")]
    otlp_http: Option<String>,
    /// OTLP/gRPC [default: 127.0.0.1:4317]
    #[arg(long, value_name = "ADDR")]
    otlp_grpc: Option<String>,
    /// Where everything is stored [default: ./pellucid-data]
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// What is logged to stderr, such as info,pellucid_store=debug [default: info]
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
    /// Form of the log lines: text or json [default: text]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// Any setting by its name in the file; may repeat
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    set: Vec<(String, String)>,
    /// Show the settings that would hold, and stop
    #[arg(long)]
    print_config: bool,
}

fn key_value(text: &str) -> std::result::Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

impl Args {
    fn settings(&self) -> Vec<(String, String)> {
        let flags = [
            ("listen", &self.listen),
            ("otlp_http", &self.otlp_http),
            ("otlp_grpc", &self.otlp_grpc),
            ("data", &self.data),
            ("log", &self.log),
            ("log_format", &self.log_format),
        ];
        let named = flags.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?)));
        self.set.iter().cloned().chain(named).collect()
    }
}

pub(super) fn run(args: &Args) -> Result<()> {
    let file = args.config.clone().or_else(config::config_file_from_env);
    let config = config::load(file.as_deref(), &args.settings())?;
    if args.print_config {
        return output::print(config.to_toml()?.as_bytes());
    }
    telemetry::start_logging(&config.log, config.log_format)?;
    let runtime = runtime()?;
    let served = runtime.block_on(serve(&config));
    // Work that ignored the stop must not keep the process alive.
    runtime.shutdown_background();
    served
}

async fn serve(config: &Config) -> Result<()> {
    let deaf = |cause| Error::new(ErrorKind::Internal, "cannot listen for signals").caused_by(cause);
    let mut terminate = signal(SignalKind::terminate()).map_err(deaf)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(deaf)?;
    let running = wiring::start(config).await?;
    let ports = running.ports;
    output::print_line(
        &json!({
            "ready": true,
            "http": ports.http.to_string(),
            "otlp_http": ports.otlp_http.to_string(),
            "otlp_grpc": ports.otlp_grpc.to_string(),
        })
        .to_string(),
    )?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    running.stop().await
}
