//! What a span is about: the columns `kind` and `operation`.
//!
//! The first hit wins: a dialect's own marker, the operation, MCP, tool keys, a vector database, retrieval keys,
//! embedding keys, a model together with tokens or messages, and at last the end of the span's name.

use pellucid_model::Kind;

use crate::dialects::{Dialect, Matched};
use crate::field::{Facts, Field};
use crate::trail::Recorder;
use crate::view::View;

/// Operation as sent (lower case) → kind, canonical operation. From the semantic conventions and the dialects' cards.
const OPERATIONS: &[(&str, Kind, &str)] = &[
    ("chat", Kind::Llm, "chat"),
    ("chat_completion", Kind::Llm, "chat"),
    ("text_completion", Kind::Llm, "text_completion"),
    ("completion", Kind::Llm, "text_completion"),
    ("generate_content", Kind::Llm, "generate_content"),
    ("generate", Kind::Llm, "generate_content"),
    ("response", Kind::Llm, "chat"),
    ("responses", Kind::Llm, "chat"),
    ("llm_call", Kind::Llm, "chat"),
    ("llm_request", Kind::Llm, "chat"),
    ("realtime_inference", Kind::Llm, "realtime_inference"),
    ("image", Kind::Llm, "image_generation"),
    ("image_generation", Kind::Llm, "image_generation"),
    ("speech_to_text", Kind::Llm, "speech_to_text"),
    ("text_to_speech", Kind::Llm, "text_to_speech"),
    ("embeddings", Kind::Embedding, "embeddings"),
    ("embedding", Kind::Embedding, "embeddings"),
    ("embed", Kind::Embedding, "embeddings"),
    ("rerank", Kind::Rerank, "rerank"),
    ("rerank_documents", Kind::Rerank, "rerank"),
    ("retrieval", Kind::Retrieval, "retrieval"),
    ("retrieve", Kind::Retrieval, "retrieval"),
    ("vector_db_retrieve", Kind::Retrieval, "retrieval"),
    ("execute_tool", Kind::Tool, "execute_tool"),
    ("tool_call", Kind::Tool, "execute_tool"),
    ("tools/call", Kind::Tool, "execute_tool"),
    ("invoke_agent", Kind::Agent, "invoke_agent"),
    ("create_agent", Kind::Agent, "create_agent"),
    ("agent_call", Kind::Agent, "invoke_agent"),
    ("invoke_swarm", Kind::Agent, "invoke_agent"),
    ("invoke_graph", Kind::Agent, "invoke_agent"),
    ("invoke_workflow", Kind::Chain, "invoke_workflow"),
    ("workflow", Kind::Chain, "invoke_workflow"),
    ("workflow_step", Kind::Chain, "workflow_step"),
    ("plan", Kind::Chain, "plan"),
    ("agent_step", Kind::Chain, "agent_step"),
    ("execute_task", Kind::Chain, "execute_task"),
    ("task", Kind::Chain, "execute_task"),
    ("execute_event_loop_cycle", Kind::Chain, "execute_event_loop_cycle"),
    ("search_memory", Kind::Memory, "search_memory"),
    ("create_memory", Kind::Memory, "create_memory"),
    ("update_memory", Kind::Memory, "update_memory"),
    ("upsert_memory", Kind::Memory, "upsert_memory"),
    ("delete_memory", Kind::Memory, "delete_memory"),
    ("create_memory_store", Kind::Memory, "create_memory_store"),
    ("delete_memory_store", Kind::Memory, "delete_memory_store"),
    ("vectordb", Kind::VectorDb, "vectordb"),
    ("moderation", Kind::Guardrail, "moderation"),
    ("execute_guardrail", Kind::Guardrail, "execute_guardrail"),
    // Fetching an earlier answer uses no tokens.
    ("fetch_response", Kind::Span, "fetch_response"),
];

/// The operation of a kind when the dialect states none.
const DEFAULT_OPERATIONS: &[(Kind, &str)] = &[
    (Kind::Llm, "chat"),
    (Kind::Embedding, "embeddings"),
    (Kind::Rerank, "rerank"),
    (Kind::Retrieval, "retrieval"),
    (Kind::Tool, "execute_tool"),
    (Kind::Agent, "invoke_agent"),
];

/// Databases whose business is vectors; others search vectors too, but most of their calls do not.
const VECTOR_STORES: &[&str] = &[
    "astra",
    "chroma",
    "chromadb",
    "deeplake",
    "faiss",
    "lancedb",
    "marqo",
    "milvus",
    "pinecone",
    "qdrant",
    "turbopuffer",
    "vectara",
    "vespa",
    "weaviate",
];

/// Keys that only vector searches have.
const VECTOR_PREFIX: &str = "db.vector.";
const RETRIEVAL_PREFIX: &str = "gen_ai.retrieval.";

/// Kind and canonical operation of a span.
pub(crate) fn classify<R: Recorder>(
    view: &View<'_>,
    matched: &Matched,
    facts: &Facts,
    recorder: &mut R,
) -> (Kind, Option<String>) {
    let sent = facts.peek_text(Field::Operation).map(str::to_ascii_lowercase);
    let known = sent.as_deref().and_then(|sent| OPERATIONS.iter().find(|(word, ..)| *word == sent));
    let by = |rule: &'static str, kind: Option<Kind>| kind.map(|kind| (kind, rule));
    let (mut kind, mut rule) = by("marker", marked(matched, facts, |dialect| dialect.kinds))
        .or_else(|| by("marker", ended(matched, facts)))
        .or_else(|| by("operation", operated(matched, sent.as_deref())))
        .or_else(|| by("operation", known.map(|(_, kind, _)| *kind)))
        .or_else(|| by("marker", marked(matched, facts, |dialect| dialect.steps)))
        .or_else(|| by("telling_key", keyed(view, matched)))
        .or_else(|| by("telling_key", mentioned(view, matched, facts)))
        .or_else(|| by("name", called(view, matched, facts)))
        .unwrap_or((Kind::default(), "nothing_tells"));
    if kind == Kind::Llm && sent.is_none() && is_embedding_model(facts) {
        (kind, rule) = (Kind::Embedding, "model_embeds");
    }
    recorder.concluded("kind", rule);
    let operation = known.map(|(.., canonical)| (*canonical).to_owned()).or(sent);
    let default = || {
        recorder.concluded("operation", "by_kind");
        DEFAULT_OPERATIONS.iter().find(|(of, _)| *of == kind).map(|(_, name)| (*name).to_owned())
    };
    (kind, operation.or_else(default))
}

/// Some call every call a generation; a model with this in its name answers with vectors.
fn is_embedding_model(facts: &Facts) -> bool {
    let models = [Field::RequestModel, Field::ResponseModel].map(|field| facts.peek_text(field));
    models.iter().flatten().any(|model| model.to_ascii_lowercase().contains("embed"))
}

/// By a dialect's own marker.
fn marked(matched: &Matched, facts: &Facts, words: fn(&Dialect) -> &'static [(&'static str, Kind)]) -> Option<Kind> {
    let marker = facts.peek_text(Field::Kind)?.to_ascii_lowercase();
    let mut words = matched.order.iter().flat_map(|dialect| words(dialect));
    words.find(|(word, _)| *word == marker).map(|(_, kind)| *kind)
}

/// By the end of a dialect's own marker.
fn ended(matched: &Matched, facts: &Facts) -> Option<Kind> {
    let marker = facts.peek_text(Field::Kind)?.to_ascii_lowercase();
    let mut ends = matched.order.iter().flat_map(|dialect| dialect.ends);
    ends.find(|(end, _)| marker.ends_with(end)).map(|(_, kind)| *kind)
}

/// By a key of a dialect's own.
fn keyed(view: &View<'_>, matched: &Matched) -> Option<Kind> {
    let mut marks = matched.order.iter().flat_map(|dialect| dialect.marks);
    marks.find(|(sign, _)| sign.is_in(view)).map(|(_, kind)| *kind)
}

/// By a dialect's own operations.
fn operated(matched: &Matched, sent: Option<&str>) -> Option<Kind> {
    let mut words = matched.order.iter().flat_map(|dialect| dialect.operations);
    words.find(|(word, _)| Some(*word) == sent).map(|(_, kind)| *kind)
}

/// By keys that only one kind of span has.
fn mentioned(view: &View<'_>, matched: &Matched, facts: &Facts) -> Option<Kind> {
    if matched.recognised.iter().any(|dialect| dialect.id == "mcp") {
        return Some(Kind::Mcp);
    }
    if facts.has(Field::ToolName) && (facts.has(Field::ToolCallId) || facts.has(Field::ToolArguments)) {
        return Some(Kind::Tool);
    }
    let store = facts.peek_text(Field::DbSystem).map(str::to_ascii_lowercase);
    if store.is_some_and(|store| VECTOR_STORES.contains(&store.as_str())) || view.has_prefix(VECTOR_PREFIX) {
        return Some(Kind::VectorDb);
    }
    if view.has_prefix(RETRIEVAL_PREFIX) {
        return Some(Kind::Retrieval);
    }
    let model = facts.has(Field::RequestModel) || facts.has(Field::ResponseModel);
    if facts.has(Field::EmbeddingDims) && model {
        return Some(Kind::Embedding);
    }
    // A bare model is not enough: agents name theirs too.
    let spoke = [Field::InputTokens, Field::OutputTokens, Field::UsageMap, Field::InputMessages, Field::OutputMessages];
    (model && spoke.iter().any(|field| facts.has(*field))).then_some(Kind::Llm)
}

/// By an end of the span's name or the beginning of its scope's, where a dialect says so.
fn called(view: &View<'_>, matched: &Matched, facts: &Facts) -> Option<Kind> {
    if facts.has(Field::ToolName) {
        return Some(Kind::Tool);
    }
    let mut ends = matched.order.iter().flat_map(|dialect| dialect.names);
    let mut begins = matched.order.iter().flat_map(|dialect| dialect.begins);
    let mut starts = matched.order.iter().flat_map(|dialect| dialect.scopes);
    let by_name = ends.find(|(end, _)| view.name.ends_with(end));
    let by_name = by_name.or_else(|| begins.find(|(start, _)| view.name.starts_with(start)));
    by_name.or_else(|| starts.find(|(start, _)| view.scope.starts_with(start))).map(|(_, kind)| *kind)
}
