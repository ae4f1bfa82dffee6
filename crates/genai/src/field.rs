//! The canonical fields a dialect's rows may fill, and the values they are filled with.

use pellucid_model::Usd;
use serde_json::Value as Json;

use crate::messages::List;

/// What a row fills. Most are columns of the contract; `Kind`, `ServerHost`, `ToolCalls` and the like only feed others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    /// A dialect's own marker of what the span is about.
    Kind,
    Operation,
    Provider,
    /// Where the request went: decides the provider if the host is known.
    ServerHost,
    RequestModel,
    ResponseModel,
    ResponseId,
    Temperature,
    TopP,
    TopK,
    FrequencyPenalty,
    PresencePenalty,
    MaxTokens,
    Seed,
    ChoiceCount,
    StopSequences,
    Stream,
    ServiceTier,
    /// Sent through a provider's batch interface.
    Batch,
    InputTokens,
    /// Input tokens that were not cached, told beside the input: tells whether the input includes the cached ones.
    UncachedTokens,
    OutputTokens,
    TotalTokens,
    CacheReadTokens,
    CacheWriteTokens,
    CacheWrite1hTokens,
    ReasoningTokens,
    InputAudioTokens,
    OutputAudioTokens,
    Searches,
    /// A map of token counts in any spelling: fills the token fields that no row filled.
    UsageMap,
    Cost,
    Ttft,
    FinishReasons,
    SystemInstructions,
    InputMessages,
    OutputMessages,
    /// What was thought before the answer, told apart from the output messages; it becomes a part of the answer.
    Thoughts,
    /// Tool calls told apart from the output messages; they become parts of the answer.
    ToolCalls,
    ToolDefinitions,
    /// What a model call was asked, whole, in its provider's or framework's words; the input of any other span.
    Request,
    /// What a model call answered, whole; the output of any other span.
    Answer,
    /// A map of a request's parameters.
    Parameters,
    InputValue,
    OutputValue,
    ServiceName,
    ServiceVersion,
    Environment,
    AppName,
    Release,
    SessionId,
    UserId,
    Tags,
    /// The name of what the span is about; by its kind an agent's or a tool's.
    EntityName,
    AgentId,
    AgentName,
    WorkflowName,
    PromptName,
    PromptVersion,
    ToolName,
    ToolCallId,
    ToolArguments,
    ToolResult,
    DbSystem,
    DbOperation,
    DbCollection,
    DbQuery,
    DbTopK,
    DbReturned,
    EmbeddingDims,
    ErrorType,
    ErrorMessage,
    /// How bad it was, in a dialect's own words.
    Level,
    HttpStatus,
}

impl Field {
    /// Number of fields; `HttpStatus` is the last.
    pub(crate) const COUNT: usize = Self::HttpStatus as usize + 1;
}

/// A converted value, in the form its row's [`Shape`](crate::convert::Shape) gives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fact {
    Text(String),
    Int(i64),
    Number(f64),
    Truth(bool),
    Texts(Vec<String>),
    Money(Usd),
    /// Messages, parts, tool definitions.
    List(List),
    /// A whole body or map.
    Body(Json),
}

/// The facts of one span: at most one a field.
#[derive(Debug)]
pub(crate) struct Facts {
    slots: [Option<Fact>; Field::COUNT],
    /// Some content was cut before it reached us.
    pub(crate) truncated: bool,
    /// Some content was masked before it reached us.
    pub(crate) redacted: bool,
    /// The place of the input tokens says that cached ones are not among them.
    pub(crate) cache_apart: bool,
    /// The place of the output tokens says that reasoning ones are not among them.
    pub(crate) reasoning_apart: bool,
    /// Some number cannot be.
    pub(crate) impossible: bool,
    /// Somebody answered; known once the content is filled.
    pub(crate) answered: bool,
}

impl Facts {
    pub(crate) fn new() -> Self {
        Self {
            slots: [const { None }; Field::COUNT],
            truncated: false,
            redacted: false,
            cache_apart: false,
            reasoning_apart: false,
            impossible: false,
            answered: false,
        }
    }

    pub(crate) fn has(&self, field: Field) -> bool {
        self.slots[field as usize].is_some()
    }

    pub(crate) fn set(&mut self, field: Field, fact: Fact) {
        self.slots[field as usize] = Some(fact);
    }

    pub(crate) fn clear(&mut self, field: Field) {
        self.slots[field as usize] = None;
    }

    pub(crate) fn get(&self, field: Field) -> Option<&Fact> {
        self.slots[field as usize].as_ref()
    }

    pub(crate) fn peek_text(&self, field: Field) -> Option<&str> {
        match self.get(field)? {
            Fact::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn text(&mut self, field: Field) -> Option<String> {
        match self.slots[field as usize].take()? {
            Fact::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn int(&self, field: Field) -> Option<i64> {
        match self.get(field)? {
            Fact::Int(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn number(&self, field: Field) -> Option<f64> {
        match self.get(field)? {
            Fact::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn truth(&self, field: Field) -> Option<bool> {
        match self.get(field)? {
            Fact::Truth(truth) => Some(*truth),
            _ => None,
        }
    }

    pub(crate) fn money(&self, field: Field) -> Option<Usd> {
        match self.get(field)? {
            Fact::Money(amount) => Some(*amount),
            _ => None,
        }
    }

    pub(crate) fn texts(&mut self, field: Field) -> Vec<String> {
        match self.slots[field as usize].take() {
            Some(Fact::Texts(texts)) => texts,
            _ => Vec::new(),
        }
    }

    pub(crate) fn body(&mut self, field: Field) -> Option<Json> {
        match self.slots[field as usize].take()? {
            Fact::Body(body) => Some(body),
            _ => None,
        }
    }

    pub(crate) fn list(&mut self, field: Field) -> Option<List> {
        match self.slots[field as usize].take()? {
            Fact::List(list) => Some(list),
            _ => None,
        }
    }
}
