//! MLflow's tracing, with its own keys and, if asked to, with semantic conventions.
//!
//! Read in: mlflow-tracing 3.17.2, and captures of 3.17. Every value is JSON text, plain texts with their quotes too. The
//! request and the answer stand whole in one attribute each. The model it names is the one that answered, also where
//! semantic conventions have a key for the one that was asked.

use pellucid_model::Kind;

use super::Sign::{AllOf, Attr as HasAttr, AttrPrefix, Marker, ScopePrefix, Without};
use super::Source::{Attr, EventTime, EventsNamed, In, Name};
use super::{Dialect, Filler, Row, row};
use crate::convert::Shape::{Body, Bool, ChunkCalls, ChunkEnds, Costs, Duration, Text, ToolDefinitions};
use crate::field::Field;

const KEYS: &str = "PyPI mlflow-tracing 3.17.2 (mlflow/tracing/constant.py)";
const OPENAI: &str = "PyPI mlflow 3.17.2 (mlflow/openai/autolog.py)";
const SEMCONV: &str = "PyPI mlflow-tracing 3.17.2 (mlflow/tracing/export/genai_semconv)";

const INPUTS: &str = "mlflow.spanInputs";
const OUTPUTS: &str = "mlflow.spanOutputs";
const CHUNK: &str = "mlflow.chunk.item";

pub(crate) static MLFLOW: Dialect = Dialect {
    id: "mlflow",
    signs: &[Marker("mlflow.spanType"), AttrPrefix("mlflow.")],
    rows: ROWS,
    kinds: KINDS,
    ..Dialect::NONE
};

const ROWS: &[Row] = &[
    row(Field::Kind, &[In("mlflow.spanType", ""), Attr("mlflow.spanType")], Text, KEYS),
    row(Field::Provider, &[In("mlflow.llm.provider", ""), Attr("mlflow.llm.provider")], Text, KEYS),
    row(Field::RequestModel, &[In(INPUTS, "/model"), In("model", "")], Text, OPENAI),
    row(Field::ResponseModel, &[In("mlflow.llm.model", ""), Attr("mlflow.llm.model")], Text, KEYS),
    row(Field::Request, &[Attr(INPUTS)], Body, KEYS),
    row(Field::Answer, &[Attr(OUTPUTS)], Body, KEYS),
    // The provider's own numbers know more than those that were made of them.
    row(Field::UsageMap, &[In(OUTPUTS, "/usage"), Attr("mlflow.chat.tokenUsage")], Body, KEYS),
    // What is put together of a stream lacks its tool calls.
    row(Field::ToolCalls, &[EventsNamed(CHUNK)], ChunkCalls("mlflow.chunk.value"), OPENAI),
    row(Field::FinishReasons, &[EventsNamed(CHUNK)], ChunkEnds("mlflow.chunk.value"), OPENAI),
    row(Field::Cost, &[Attr("mlflow.llm.cost")], Costs, KEYS),
    row(Field::Ttft, &[EventTime(CHUNK)], Duration(1), OPENAI),
    row(Field::ToolDefinitions, &[Attr("mlflow.chat.tools")], ToolDefinitions, KEYS),
    row(Field::EntityName, &[In("mlflow.spanFunctionName", ""), Name], Text, KEYS),
    row(
        Field::SessionId,
        &[In("session.id", ""), Attr("session.id"), In("mlflow.trace.session", ""), Attr("mlflow.trace.session")],
        Text,
        KEYS,
    ),
    row(
        Field::UserId,
        &[In("user.id", ""), Attr("user.id"), In("mlflow.trace.user", ""), Attr("mlflow.trace.user")],
        Text,
        KEYS,
    ),
];

const KINDS: &[(&str, Kind)] = &[
    ("llm", Kind::Llm),
    ("chat_model", Kind::Llm),
    ("embedding", Kind::Embedding),
    ("retriever", Kind::Retrieval),
    ("reranker", Kind::Rerank),
    ("tool", Kind::Tool),
    ("agent", Kind::Agent),
    ("chain", Kind::Chain),
    ("workflow", Kind::Chain),
    ("task", Kind::Chain),
    ("parser", Kind::Chain),
    ("memory", Kind::Memory),
    ("guardrail", Kind::Guardrail),
    ("evaluator", Kind::Evaluator),
];

/// The same translated to semantic conventions by its exporter, which keeps the parameters under their bare names and
/// puts the answering model where the asked one belongs.
pub(crate) static MLFLOW_SEMCONV: Dialect = Dialect {
    id: "mlflow_semconv",
    signs: &[AllOf(&[ScopePrefix("mlflow."), HasAttr("gen_ai.operation.name")])],
    never: &[AttrPrefix("mlflow.")],
    inherits: &[&super::otel::GENAI_NEXT],
    rows: &[
        row(Field::RequestModel, &[In("model", "")], Text, SEMCONV),
        row(Field::ResponseModel, &[Attr("gen_ai.response.model"), Attr("gen_ai.request.model")], Text, SEMCONV),
        row(Field::Stream, &[Attr("stream")], Bool, SEMCONV),
        row(Field::Ttft, &[EventTime(CHUNK)], Duration(1), OPENAI),
    ],
    fillers: &[Filler::When(Without("model"), &Filler::Echo(Field::RequestModel, Field::ResponseModel))],
    // What has no operation of the conventions' is called by its type.
    operations: KINDS,
    ..Dialect::NONE
};
