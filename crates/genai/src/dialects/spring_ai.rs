//! Spring AI's Micrometer observations. Micrometer's values are all texts, numbers too, and what a key has no value for
//! is `none`. Documents are Java's `toString`, which is a text for readers and no data.
//!
//! Read in: spring-projects/spring-ai at `fd3fd6ec` (2.0).

use pellucid_model::Kind;

use super::Sign::{AllOf, AttrPrefix, Marker, ScopePrefix};
use super::Source::Attr;
use super::{Dialect, Filler, row};
use crate::convert::Shape::{Bool, Count, Data, Int, Text, ToolDefinitions};
use crate::field::Field;

const ATTRIBUTES: &str = "https://github.com/spring-projects/spring-ai/blob/main/spring-ai-commons/src/main/java/org/springframework/ai/observation/conventions/AiObservationAttributes.java";
const CLIENT: &str = "https://github.com/spring-projects/spring-ai/blob/main/spring-ai-client-chat/src/main/java/org/springframework/ai/chat/client/observation/ChatClientObservationDocumentation.java";
const TOOLS: &str = "https://github.com/spring-projects/spring-ai/blob/main/spring-ai-model/src/main/java/org/springframework/ai/tool/observation/ToolCallingObservationDocumentation.java";
const STORES: &str = "https://github.com/spring-projects/spring-ai/blob/main/spring-ai-commons/src/main/java/org/springframework/ai/observation/conventions/VectorStoreObservationAttributes.java";

pub(crate) static SPRING_AI: Dialect = Dialect {
    id: "spring_ai",
    signs: &[
        Marker("spring.ai.kind"),
        AttrPrefix("spring.ai."),
        AllOf(&[ScopePrefix("org.springframework"), AttrPrefix("gen_ai.")]),
    ],
    inherits: &[&super::otel::GENAI],
    rows: &[
        row(Field::Kind, &[Attr("spring.ai.kind")], Text, CLIENT),
        row(Field::TotalTokens, &[Attr("gen_ai.usage.total_tokens")], Count, ATTRIBUTES),
        row(Field::Stream, &[Attr("gen_ai.request.stream"), Attr("spring.ai.chat.client.stream")], Bool, ATTRIBUTES),
        row(
            Field::EmbeddingDims,
            &[Attr("gen_ai.request.embedding.dimensions"), Attr("db.vector.dimension_count")],
            Int,
            ATTRIBUTES,
        ),
        row(
            Field::ToolDefinitions,
            &[Attr("spring.ai.model.request.tool.names"), Attr("spring.ai.chat.client.tool.names")],
            ToolDefinitions,
            ATTRIBUTES,
        ),
        row(
            Field::SessionId,
            &[Attr("gen_ai.conversation.id"), Attr("spring.ai.chat.client.conversation.id")],
            Text,
            CLIENT,
        ),
        row(Field::ToolName, &[Attr("spring.ai.tool.definition.name"), Attr("gen_ai.tool.name")], Text, TOOLS),
        row(Field::ToolCallId, &[Attr("spring.ai.tool.call.id")], Text, TOOLS),
        row(Field::ToolArguments, &[Attr("spring.ai.tool.call.arguments")], Data, TOOLS),
        row(Field::ToolResult, &[Attr("spring.ai.tool.call.result")], Data, TOOLS),
        row(Field::DbQuery, &[Attr("db.vector.query.content")], Text, STORES),
        row(Field::OutputValue, &[Attr("db.vector.query.response.documents")], Data, STORES),
    ],
    fillers: &[
        Filler::Text(Field::RequestModel, "none"),
        Filler::Text(Field::ResponseModel, "none"),
        Filler::Text(Field::Provider, "none"),
        Filler::Text(Field::ToolCallId, "none"),
        Filler::Text(Field::SessionId, "none"),
        Filler::Text(Field::DbCollection, "none"),
        Filler::Text(Field::ErrorType, "none"),
    ],
    kinds: &[
        ("chat_client", Kind::Chain),
        ("advisor", Kind::Chain),
        ("tool_call", Kind::Tool),
        ("vector_store", Kind::VectorDb),
    ],
    operations: &[("framework", Kind::Chain)],
    ..Dialect::NONE
};
