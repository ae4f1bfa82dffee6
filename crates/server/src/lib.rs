//! The pellucid binary: receivers, HTTP API, embedded UI, configuration, wiring.
