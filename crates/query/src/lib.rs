//! A question to a frame: SQL, metric catalogue, trace assembly.
