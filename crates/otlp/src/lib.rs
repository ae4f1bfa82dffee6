//! OTLP bytes, protobuf or JSON, to raw spans, logs and metric points. Pure.
