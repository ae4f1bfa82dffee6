//! Haystack's own tracer: components and the steps of its agents, with no key of any convention. Model, usage and
//! messages stand in the JSON of a component's input and output, and those only where content tracing is on.
//!
//! Read in: deepset-ai/haystack at `c7cb46c0` (3.4.1), and captures of it. What a component is shows in the end of its
//! class's name.

use pellucid_model::Kind;

use super::Sign::{AttrPrefix, Scope, ScopePrefix};
use super::Source::{Attr, In};
use super::{Dialect, row};
use crate::convert::Shape::{Body, Data, Int, Length, Text, Texts, ToolDefinitions};
use crate::field::Field;

const PIPELINE: &str = "https://github.com/deepset-ai/haystack/blob/main/haystack/core/pipeline/base.py";
const AGENT: &str = "https://github.com/deepset-ai/haystack/blob/main/haystack/components/agents/agent.py";
const GENERATORS: &str =
    "https://github.com/deepset-ai/haystack/blob/main/haystack/components/generators/chat/openai.py";

const INPUT: &str = "haystack.component.input";
const OUTPUT: &str = "haystack.component.output";

pub(crate) static HAYSTACK: Dialect = Dialect {
    id: "haystack",
    signs: &[Scope("haystack"), ScopePrefix("haystack"), AttrPrefix("haystack.")],
    rows: &[
        row(Field::Kind, &[Attr("haystack.component.type")], Text, PIPELINE),
        row(
            Field::Request,
            &[
                Attr(INPUT),
                Attr("haystack.agent.step.llm.input"),
                Attr("haystack.agent.input"),
                Attr("haystack.pipeline.input_data"),
            ],
            Body,
            PIPELINE,
        ),
        row(
            Field::Answer,
            &[
                Attr(OUTPUT),
                Attr("haystack.agent.step.llm.output"),
                Attr("haystack.agent.output"),
                Attr("haystack.pipeline.output_data"),
            ],
            Body,
            PIPELINE,
        ),
        // Generators of texts give a list of their own for what they know of them; old ones hide it in the reply.
        row(Field::UsageMap, &[In(OUTPUT, "/meta/0/usage"), In(OUTPUT, "/replies/0/_meta/usage")], Body, GENERATORS),
        row(
            Field::ResponseModel,
            &[In(OUTPUT, "/meta/0/model"), In(OUTPUT, "/replies/0/_meta/model")],
            Text,
            GENERATORS,
        ),
        row(Field::FinishReasons, &[In(OUTPUT, "/meta/0/finish_reason")], Texts, GENERATORS),
        row(Field::DbTopK, &[In(INPUT, "/top_k")], Int, PIPELINE),
        row(Field::DbReturned, &[In(OUTPUT, "/documents")], Length, PIPELINE),
        row(Field::EmbeddingDims, &[In(OUTPUT, "/embedding"), In(OUTPUT, "/documents/0/embedding")], Length, PIPELINE),
        row(Field::ToolDefinitions, &[Attr("haystack.agent.tools")], ToolDefinitions, AGENT),
        row(Field::ToolName, &[Attr("haystack.tool.name")], Text, AGENT),
        row(Field::ToolArguments, &[Attr("haystack.agent.step.tool.input")], Data, AGENT),
        row(Field::ToolResult, &[Attr("haystack.agent.step.tool.output")], Data, AGENT),
    ],
    ends: &[
        ("generator", Kind::Llm),
        ("embedder", Kind::Embedding),
        ("retriever", Kind::Retrieval),
        ("ranker", Kind::Rerank),
        ("toolinvoker", Kind::Tool),
        ("evaluator", Kind::Evaluator),
        ("agent", Kind::Agent),
    ],
    names: &[
        ("haystack.agent.step.llm", Kind::Llm),
        ("haystack.agent.step.tool", Kind::Tool),
        ("haystack.agent.step", Kind::Chain),
        ("haystack.agent.run", Kind::Agent),
        ("haystack.component.run", Kind::Chain),
        ("haystack.pipeline.run", Kind::Chain),
        ("haystack.async_pipeline.run", Kind::Chain),
    ],
    ..Dialect::NONE
};
