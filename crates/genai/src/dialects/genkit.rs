//! Firebase Genkit: every action is a span with its input and output whole. A model's name bears its plugin in front.
//!
//! Read in: firebase/genkit at `77656d5e` (JavaScript and Go), and captures of 1.x. Plugins pass token numbers on as their APIs give them:
//! Google's output is without thoughts, Anthropic's input without cached tokens.

use pellucid_model::Kind;

use super::Sign::{AttrPrefix, MarkerIs, Scope};
use super::Source::{Attr, In, Name};
use super::{Dialect, Sign, UsageRule, row};
use crate::convert::Shape::{AfterSlash, BeforeSlash, Body, Int, Length, Text};
use crate::field::Field;

const SPANS: &str = "https://github.com/firebase/genkit/blob/main/js/core/src/tracing/instrumentation.ts";
const ACTIONS: &str = "https://github.com/firebase/genkit/blob/main/js/core/src/action.ts";
const MODELS: &str = "https://github.com/firebase/genkit/blob/main/js/ai/src/model-types.ts";

const PLUGINS: &str = "https://github.com/firebase/genkit/tree/main/js/plugins (compat-oai/src/model.ts, google-genai/src, anthropic/src)";

const SUBTYPE: &str = "genkit:metadata:subtype";
const INPUT: &str = "genkit:input";
const OUTPUT: &str = "genkit:output";

/// Actions that are named after a model.
const OF_MODELS: &[Sign] = &[
    MarkerIs(SUBTYPE, "model"),
    MarkerIs(SUBTYPE, "background-model"),
    MarkerIs(SUBTYPE, "embedder"),
    MarkerIs(SUBTYPE, "reranker"),
];
const FLOW: &[Sign] = &[MarkerIs(SUBTYPE, "flow")];
const TOOL: &[Sign] = &[MarkerIs(SUBTYPE, "tool"), MarkerIs(SUBTYPE, "tool.v2")];

pub(crate) static GENKIT: Dialect = Dialect {
    id: "genkit",
    signs: &[Scope("genkit-tracer"), AttrPrefix("genkit:")],
    rows: &[
        row(Field::Kind, &[Attr(SUBTYPE), Attr("genkit:type")], Text, ACTIONS),
        row(Field::Provider, &[Name], BeforeSlash, SPANS).when(OF_MODELS),
        row(Field::RequestModel, &[Attr("genkit:name")], AfterSlash, SPANS).when(OF_MODELS),
        row(Field::Request, &[Attr(INPUT)], Body, MODELS),
        row(Field::Answer, &[Attr(OUTPUT)], Body, MODELS),
        // The provider's own answer stands in the action's, and knows more.
        row(
            Field::ResponseModel,
            &[In(OUTPUT, "/raw/model"), In(OUTPUT, "/custom/modelVersion"), In(OUTPUT, "/custom/model")],
            Text,
            PLUGINS,
        ),
        row(
            Field::ResponseId,
            &[In(OUTPUT, "/raw/id"), In(OUTPUT, "/custom/responseId"), In(OUTPUT, "/custom/id")],
            Text,
            PLUGINS,
        ),
        row(
            Field::UsageMap,
            &[
                In(OUTPUT, "/raw/usage"),
                In(OUTPUT, "/custom/usageMetadata"),
                In(OUTPUT, "/custom/usage"),
                In(OUTPUT, "/usage"),
            ],
            Body,
            PLUGINS,
        ),
        row(Field::ServiceTier, &[In(OUTPUT, "/raw/service_tier")], Text, PLUGINS),
        row(Field::DbReturned, &[In(OUTPUT, "/documents")], Length, MODELS),
        row(Field::DbTopK, &[In(INPUT, "/options/k")], Int, MODELS),
        row(Field::EmbeddingDims, &[In(OUTPUT, "/embeddings/0/embedding")], Length, MODELS),
        row(Field::ToolName, &[Attr("genkit:name")], Text, SPANS).when(TOOL),
        row(Field::WorkflowName, &[Attr("genkit:name")], Text, SPANS).when(FLOW),
        row(Field::SessionId, &[Attr("genkit:sessionId"), Attr("genkit:metadata:sessionId")], Text, SPANS),
        row(Field::Level, &[Attr("genkit:state")], Text, SPANS),
    ],
    kinds: &[
        ("model", Kind::Llm),
        ("background-model", Kind::Llm),
        ("embedder", Kind::Embedding),
        ("retriever", Kind::Retrieval),
        ("indexer", Kind::VectorDb),
        ("reranker", Kind::Rerank),
        ("evaluator", Kind::Evaluator),
        ("tool", Kind::Tool),
        ("tool.v2", Kind::Tool),
        ("agent", Kind::Agent),
        ("flow", Kind::Chain),
        ("prompt", Kind::Chain),
        ("executable-prompt", Kind::Chain),
        ("util", Kind::Chain),
    ],
    steps: &[
        ("flow", Kind::Chain),
        ("flowstep", Kind::Chain),
        ("action", Kind::Chain),
        ("prompttemplate", Kind::Chain),
        ("util", Kind::Chain),
        ("helper", Kind::Chain),
    ],
    usage: Some(UsageRule {
        input_excludes_cache: &["anthropic"],
        output_excludes_reasoning: &["gcp.gemini", "gcp.vertex_ai"],
    }),
    ..Dialect::NONE
};
