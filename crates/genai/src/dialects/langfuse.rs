//! Langfuse's SDKs, 3 and newer: observations as spans, with what they say in attributes of Langfuse's own.
//!
//! The whole input and output of an observation stand in one attribute each; token counts in a map, whose keys are those
//! of the provider or Langfuse's disjoint buckets. Its span processor also adds session, user and tags to spans of
//! others. The status is never set by the JavaScript SDK: the level tells of failures.
//!
//! Read in: langfuse/langfuse at `62751446`, PyPI langfuse 5.0.4, npm @langfuse/core and @langfuse/openai 5.11.1, captures.

use pellucid_model::Kind;

use super::Sign::{Attr as HasAttr, AttrPrefix, Failed, In as HasIn, MarkerIs, Scope};
use super::Source::{Attr, In, Name, Resource, TimeIn};
use super::{Dialect, Filler, Sign, row};
use crate::convert::Shape::{Body, Costs, Duration, Parts, Text, Texts};
use crate::field::Field;

const KEYS: &str = "https://github.com/langfuse/langfuse-js/blob/main/packages/core/src/constants.ts";
const PY_OPENAI: &str = "PyPI langfuse 5.0.4 (langfuse/openai.py)";
const JS_OPENAI: &str = "npm @langfuse/openai 5.11.1 (src/traceMethod.ts, src/parseOpenAI.ts)";
const LANGCHAIN: &str = "PyPI langfuse 5.0.4 (langfuse/langchain/CallbackHandler.py)";

const MODEL: &str = "langfuse.observation.model.name";
const PARAMETERS: &str = "langfuse.observation.model.parameters";

/// Where the model's name is the asked one: calls that failed, and streams of the JavaScript wrapper.
const ASKED: &[Sign] = &[Failed, MarkerIs("langfuse.observation.level", "ERROR"), HasIn(PARAMETERS, "/stream")];

/// Python's OpenAI wrapper states the API's defaults; JavaScript's repeats those of a Responses answer.
const STATES_DEFAULTS: Sign = HasIn(PARAMETERS, "/presence_penalty");
const ECHOES_ANSWER: Sign = HasIn(PARAMETERS, "/truncation");

/// Metadata of an answer of the Responses API.
const OF_RESPONSES: &[Sign] = &[HasAttr("langfuse.observation.metadata.object")];

pub(crate) static LANGFUSE: Dialect = Dialect {
    id: "langfuse",
    signs: &[Scope("langfuse-sdk"), AttrPrefix("langfuse.")],
    rows: &[
        row(Field::Kind, &[Attr("langfuse.observation.type")], Text, KEYS),
        row(Field::RequestModel, &[Attr(MODEL)], Text, JS_OPENAI).when(ASKED),
        row(Field::RequestModel, METADATA_MODEL, Text, LANGCHAIN),
        row(Field::ResponseModel, &[Attr(MODEL)], Text, KEYS).unless(ASKED),
        row(
            Field::Provider,
            &[In("langfuse.observation.metadata.ls_provider", ""), Attr("langfuse.observation.metadata.ls_provider")],
            Text,
            LANGCHAIN,
        ),
        row(Field::Parameters, &[Attr(PARAMETERS)], Body, KEYS),
        row(Field::UsageMap, &[Attr("langfuse.observation.usage_details")], Body, KEYS),
        row(Field::Cost, &[Attr("langfuse.observation.cost_details")], Costs, KEYS),
        row(Field::Ttft, &[TimeIn("langfuse.observation.completion_start_time")], Duration(1), KEYS),
        row(Field::Request, &[Attr("langfuse.observation.input")], Body, KEYS),
        row(Field::Answer, &[Attr("langfuse.observation.output")], Body, KEYS),
        row(Field::SystemInstructions, &[Attr("langfuse.observation.metadata.instructions")], Parts, JS_OPENAI),
        row(Field::FinishReasons, &[Attr("langfuse.observation.metadata.finish_reason")], Texts, PY_OPENAI),
        row(Field::ResponseId, &[In("langfuse.observation.metadata.id", "")], Text, PY_OPENAI).when(OF_RESPONSES),
        row(Field::Level, &[Attr("langfuse.observation.level")], Text, KEYS),
        row(Field::ErrorMessage, &[Attr("langfuse.observation.status_message")], Text, KEYS),
        row(Field::EntityName, &[Name], Text, KEYS),
        row(Field::PromptName, &[Attr("langfuse.observation.prompt.name")], Text, KEYS),
        row(Field::PromptVersion, &[Attr("langfuse.observation.prompt.version")], Text, KEYS),
        row(
            Field::SessionId,
            &[Attr("langfuse.session.id"), Attr("session.id"), Attr("langfuse.trace.metadata.langfuse_session_id")],
            Text,
            KEYS,
        ),
        row(
            Field::UserId,
            &[Attr("langfuse.user.id"), Attr("user.id"), Attr("langfuse.trace.metadata.langfuse_user_id")],
            Text,
            KEYS,
        ),
        row(Field::Tags, &[Attr("langfuse.trace.tags")], Texts, KEYS),
        row(Field::Environment, &[Attr("langfuse.environment"), Resource("langfuse.environment")], Text, KEYS),
        row(Field::Release, &[Attr("langfuse.release"), Resource("langfuse.release")], Text, KEYS),
        row(Field::ServiceVersion, &[Attr("langfuse.version")], Text, KEYS),
    ],
    fillers: &[
        Filler::When(STATES_DEFAULTS, &Filler::Number(Field::Temperature, 1.0)),
        Filler::When(STATES_DEFAULTS, &Filler::Number(Field::TopP, 1.0)),
        Filler::When(STATES_DEFAULTS, &Filler::Number(Field::FrequencyPenalty, 0.0)),
        Filler::When(STATES_DEFAULTS, &Filler::Number(Field::PresencePenalty, 0.0)),
        Filler::When(ECHOES_ANSWER, &Filler::Number(Field::Temperature, 1.0)),
        Filler::When(ECHOES_ANSWER, &Filler::Number(Field::TopP, 1.0)),
        // The cost of a call that failed before it cost anything is not known to be nothing.
        Filler::Number(Field::Cost, 0.0),
    ],
    // The Python SDK up to 3.3.0 calls generations spans: such a word says nothing.
    kinds: &[
        ("generation", Kind::Llm),
        ("embedding", Kind::Embedding),
        ("agent", Kind::Agent),
        ("tool", Kind::Tool),
        ("chain", Kind::Chain),
        ("retriever", Kind::Retrieval),
        ("guardrail", Kind::Guardrail),
        ("evaluator", Kind::Evaluator),
        ("event", Kind::Event),
    ],
    ..Dialect::NONE
};

/// LangChain's own word for the asked model; Python writes it as JSON.
const METADATA_MODEL: &[super::Source] =
    &[In("langfuse.observation.metadata.ls_model_name", ""), Attr("langfuse.observation.metadata.ls_model_name")];
