//! Development only: fixtures and a harness that runs the real binary.
