//! Microsoft's frameworks: Semantic Kernel, its successor Agent Framework, and Microsoft.Extensions.AI below the .NET
//! half of both. All speak semantic conventions, each of the generation it was made in.
//!
//! Read in: microsoft/semantic-kernel at `b39d95a3`, microsoft/agent-framework at `5eb3eb74`, dotnet/extensions 10.8.
//! Agents name the framework where the provider belongs; an agent's usage is the sum of its calls.

use pellucid_model::Kind;

use super::Sign::{MarkerIs, Scope, ScopePrefix};
use super::Source::{Attr, Event};
use super::{Dialect, row};
use crate::convert::Shape::{Data, Text, Texts};
use crate::field::Field;

const KERNEL: &str = "https://github.com/microsoft/semantic-kernel/blob/main/python/semantic_kernel/utils/telemetry/model_diagnostics/gen_ai_attributes.py";
const FRAMEWORK: &str =
    "https://github.com/microsoft/agent-framework/blob/main/python/packages/core/agent_framework/observability.py";
const WORKFLOWS: &str = "https://github.com/microsoft/agent-framework/blob/main/dotnet/src/Microsoft.Agents.AI.Workflows/Observability/Tags.cs";

pub(crate) static SEMANTIC_KERNEL: Dialect = Dialect {
    id: "semantic_kernel",
    signs: &[ScopePrefix("semantic_kernel"), ScopePrefix("Microsoft.SemanticKernel")],
    inherits: &[&super::otel::GENAI],
    rows: &[row(
        Field::FinishReasons,
        &[Attr("gen_ai.response.finish_reasons"), Attr("gen_ai.response.finish_reason")],
        Texts,
        KERNEL,
    )],
    begins: &[
        ("chat.completions", Kind::Llm),
        ("chat.streaming_completions", Kind::Llm),
        ("text.completions", Kind::Llm),
        ("text.streaming_completions", Kind::Llm),
        ("AutoFunctionInvocationLoop", Kind::Chain),
    ],
    ..Dialect::NONE
};

pub(crate) static AGENT_FRAMEWORK: Dialect = Dialect {
    id: "ms_agent_framework",
    signs: &[
        ScopePrefix("agent_framework"),
        ScopePrefix("Microsoft.Agents.AI"),
        ScopePrefix("Experimental.Microsoft.Agents"),
        MarkerIs("gen_ai.provider.name", "microsoft.agent_framework"),
    ],
    inherits: &[&EXTENSIONS_AI],
    rows: &[
        row(Field::WorkflowName, &[Attr("workflow.name"), Attr("workflow_builder.name")], Text, FRAMEWORK),
        row(Field::InputValue, &[Attr("executor.input"), Attr("message.content")], Data, WORKFLOWS),
        row(Field::OutputValue, &[Attr("executor.output")], Data, WORKFLOWS),
        row(Field::ErrorType, &[Attr("error.type"), Attr("build.error.type")], Text, WORKFLOWS),
        row(
            Field::ErrorMessage,
            &[
                Attr("error.message"),
                Attr("build.error.message"),
                Event("workflow.error", "error.message"),
                Event("exception", "exception.message"),
            ],
            Text,
            FRAMEWORK,
        ),
    ],
    begins: &[
        ("workflow.run", Kind::Chain),
        ("workflow.build", Kind::Chain),
        ("workflow.session", Kind::Chain),
        ("workflow_invoke", Kind::Chain),
        ("executor.process", Kind::Chain),
        ("edge_group.process", Kind::Chain),
        ("message.send", Kind::Chain),
    ],
    ..Dialect::NONE
};

pub(crate) static EXTENSIONS_AI: Dialect = Dialect {
    id: "ms_extensions_ai",
    signs: &[Scope("Experimental.Microsoft.Extensions.AI")],
    inherits: &[&super::otel::GENAI_NEXT],
    // Around the calls of a loop that runs tools by itself.
    operations: &[("orchestrate_tools", Kind::Chain)],
    ..Dialect::NONE
};
