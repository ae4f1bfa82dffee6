//! Facts out of whole bodies: the request, the answer and the parameters of a model call as a provider knows them.
//!
//! In: the facts that a dialect's rows found, of which some are bodies. Out: the same, and what the bodies tell where no
//! row found anything. On a span that is no model call a body is its input or output, whatever is written in it.

use pellucid_model::Kind;
use serde_json::Value as Json;

use crate::convert::Shape::{self, Bool, Float, Int, Text, Texts};
use crate::convert::{Found, convert};
use crate::field::{Fact, Facts, Field};
use crate::messages::{self, Exchange};
use crate::trail::Recorder;
use crate::usage;

/// Places of a body that hold the parameters, as JSON pointers.
const NESTS: &[&str] = &[
    "",
    "/generationConfig",
    "/generation_config",
    "/config",
    "/inferenceConfig",
    "/options",
    "/generation_kwargs",
    "/model_kwargs",
    "/kwargs",
];

/// Parameters by their names in one of these places.
const PARAMETERS: &[(Field, Shape, &[&str])] = &[
    (Field::RequestModel, Text, &["model", "model_name", "modelId", "model_id"]),
    (Field::Temperature, Float, &["temperature"]),
    (Field::TopP, Float, &["top_p", "topP"]),
    (Field::TopK, Int, &["top_k", "topK"]),
    (
        Field::MaxTokens,
        Int,
        &[
            "max_completion_tokens",
            "max_output_tokens",
            "max_tokens",
            "maxOutputTokens",
            "maxTokens",
            "max_tokens_to_sample",
            "max_new_tokens",
            "num_predict",
        ],
    ),
    (Field::FrequencyPenalty, Float, &["frequency_penalty", "frequencyPenalty"]),
    (Field::PresencePenalty, Float, &["presence_penalty", "presencePenalty"]),
    (Field::Seed, Int, &["seed"]),
    (Field::ChoiceCount, Int, &["n", "candidate_count", "candidateCount"]),
    (Field::StopSequences, Texts, &["stop", "stop_sequences", "stopSequences"]),
    (Field::Stream, Bool, &["stream"]),
    (Field::ServiceTier, Text, &["service_tier", "serviceTier"]),
];

/// What an answer tells of itself, as JSON pointers.
const TOLD: &[(Field, Shape, &[&str])] = &[
    (
        Field::ResponseModel,
        Text,
        &[
            "/model",
            "/modelVersion",
            "/model_version",
            "/llm_output/model_name",
            "/llmOutput/model_name",
            "/generations/0/0/message/kwargs/response_metadata/model_name",
            "/generations/0/0/message/response_metadata/model_name",
            "/generations/0/0/generation_info/model_name",
            "/response_metadata/model_name",
            "/kwargs/response_metadata/model_name",
            "/replies/0/meta/model",
            "/meta/model",
        ],
    ),
    // A stream that was put together says so by its type.
    (Field::Stream, Shape::Is("ChatGenerationChunk"), &["/generations/0/0/type"]),
    (Field::Stream, Shape::Is("chat.completion.chunk"), &["/object"]),
    (
        Field::ServiceTier,
        Text,
        &["/service_tier", "/usage/service_tier", "/llm_output/service_tier", "/response_metadata/service_tier"],
    ),
    (
        Field::UsageMap,
        Shape::Body,
        &[
            "/usage",
            "/usageMetadata",
            "/usage_metadata",
            "/generations/0/0/message/kwargs/usage_metadata",
            "/generations/0/0/message/usage_metadata",
            "/llm_output/token_usage",
            "/llmOutput/tokenUsage",
            "/llm_output/usage",
            "/kwargs/usage_metadata",
            "/response_metadata/token_usage",
            "/replies/0/meta/usage",
            "/meta/usage",
        ],
    ),
];

/// Ids of answers. A message inside an answer has an id too, so one is taken only from what a provider sent whole.
const IDS: &[(Field, Shape, &[&str])] = &[(
    Field::ResponseId,
    Text,
    &["/id", "/responseId", "/response_id", "/llm_output/id", "/generations/0/0/message/kwargs/response_metadata/id"],
)];
const WHOLE: &[&str] = &["object", "choices", "candidates", "usage", "stop_reason", "generations", "llm_output"];

/// Opens the bodies among the facts. What `is_filler` says nothing.
pub(crate) fn open<R: Recorder>(
    facts: &mut Facts,
    kind: Kind,
    is_filler: impl Fn(Field, &Fact) -> bool,
    recorder: &mut R,
) {
    let (request, answer) = (facts.body(Field::Request), facts.body(Field::Answer));
    let parameters = facts.body(Field::Parameters);
    let mut opened = Opened { facts, is_filler, recorder, from: Field::Parameters };
    if kind.is_model_call() {
        opened.parameters(parameters.as_ref());
        opened.request(request.as_ref());
        opened.answer(answer.as_ref());
    }
    opened.usage_map();
    for (from, field, body) in
        [(Field::Request, Field::InputValue, request), (Field::Answer, Field::OutputValue, answer)]
    {
        opened.from = from;
        match body {
            // As text it is what the column shows: no need to convert it.
            Some(body @ (Json::Object(_) | Json::Array(_))) => opened.text(field, &body),
            other => opened.take(field, Shape::Data, other.iter()),
        }
    }
}

/// The facts while bodies are opened; `from` is the one at hand.
struct Opened<'a, F, R> {
    facts: &'a mut Facts,
    is_filler: F,
    recorder: &'a mut R,
    from: Field,
}

impl<F: Fn(Field, &Fact) -> bool, R: Recorder> Opened<'_, F, R> {
    fn parameters(&mut self, body: Option<&Json>) {
        for place in NESTS.iter().filter_map(|place| body?.pointer(place)) {
            for (field, shape, names) in PARAMETERS {
                self.take(*field, *shape, names.iter().filter_map(|name| place.get(*name)));
            }
        }
    }

    fn request(&mut self, body: Option<&Json>) {
        let Some(body) = body else { return };
        self.from = Field::Request;
        self.parameters(Some(body));
        let Exchange { system, messages, tools } = messages::request(body);
        self.list(Field::SystemInstructions, system);
        self.list(Field::InputMessages, messages);
        self.list(Field::ToolDefinitions, tools);
    }

    fn answer(&mut self, body: Option<&Json>) {
        let Some(body) = body else { return };
        self.from = Field::Answer;
        let is_whole = WHOLE.iter().any(|key| body.get(*key).is_some_and(|value| !value.is_null()));
        let rows = TOLD.iter().chain(IDS.iter().filter(|_| is_whole));
        for (field, shape, places) in rows {
            self.take(*field, *shape, places.iter().filter_map(|place| body.pointer(place)));
        }
        self.list(Field::OutputMessages, messages::answer(body).messages);
    }

    /// Tokens are counted on any kind of span.
    fn usage_map(&mut self) {
        let Some(told) = self.facts.body(Field::UsageMap).as_ref().and_then(usage::from_map) else { return };
        self.from = Field::UsageMap;
        self.facts.cache_apart = told.cache_apart && !self.facts.has(Field::InputTokens);
        self.facts.reasoning_apart = told.reasoning_apart && !self.facts.has(Field::OutputTokens);
        let counts = [
            (Field::InputTokens, told.sent.input),
            (Field::OutputTokens, told.sent.output),
            (Field::TotalTokens, told.sent.total),
            (Field::CacheReadTokens, told.sent.cache_read),
            (Field::CacheWriteTokens, told.sent.cache_write),
            (Field::CacheWrite1hTokens, told.sent.cache_write_1h),
            (Field::ReasoningTokens, told.sent.reasoning),
            (Field::UncachedTokens, told.sent.uncached),
            (Field::InputAudioTokens, told.sent.input_audio),
            (Field::OutputAudioTokens, told.sent.output_audio),
        ];
        for (field, count) in counts {
            if let Some(count) = count.filter(|_| !self.facts.has(field)) {
                self.set(field, Fact::Int(count));
            }
        }
    }

    /// The first of these values that is a fact and no filler.
    fn take<'v>(&mut self, field: Field, shape: Shape, values: impl Iterator<Item = &'v Json>) {
        if self.facts.has(field) {
            return;
        }
        // An object where a name is looked for is something else of that name.
        let fits = |value: &&Json| shape != Text || !(value.is_object() || value.is_array());
        let mut found = values
            .filter(|value| !value.is_null())
            .filter(fits)
            .filter_map(|value| convert(shape, &Found::Value(&messages::value_of(value))).fact);
        if let Some(fact) = found.find(|fact| !(self.is_filler)(field, fact)) {
            self.set(field, fact);
        }
    }

    fn text(&mut self, field: Field, body: &Json) {
        if self.facts.has(field) {
            return;
        }
        let fact = Fact::Text(serde_json::to_string(body).unwrap_or_default());
        if !(self.is_filler)(field, &fact) {
            self.set(field, fact);
        }
    }

    fn list(&mut self, field: Field, list: Vec<Json>) {
        if !self.facts.has(field) && !list.is_empty() {
            self.set(field, Fact::List(list.into()));
        }
    }

    fn set(&mut self, field: Field, fact: Fact) {
        self.recorder.unpacked(self.from, field, &fact);
        self.facts.set(field, fact);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn opened(kind: Kind, bodies: &[(Field, Json)], is_filler: impl Fn(Field, &Fact) -> bool) -> Facts {
        let mut facts = Facts::new();
        for (field, body) in bodies {
            facts.set(*field, Fact::Body(body.clone()));
        }
        open(&mut facts, kind, is_filler, &mut ());
        facts
    }

    #[test]
    fn a_call_is_read_and_any_other_span_keeps_its_input() {
        let body = json!({"model": "gpt-4o", "temperature": 0.5, "messages": [{"role": "user", "content": "Hi"}]});
        let mut call = opened(Kind::Llm, &[(Field::Request, body.clone())], |_, _| false);
        assert_eq!(call.text(Field::RequestModel).as_deref(), Some("gpt-4o"));
        assert_eq!(call.number(Field::Temperature), Some(0.5));
        assert_eq!(call.list(Field::InputMessages).map(|list| list.items().len()), Some(1));
        let mut chain = opened(Kind::Chain, &[(Field::Request, body.clone())], |_, _| false);
        assert_eq!((chain.has(Field::RequestModel), chain.has(Field::InputMessages)), (false, false));
        assert_eq!(chain.text(Field::InputValue), Some(body.to_string()));
    }

    #[test]
    fn what_rows_found_stays_and_fillers_are_no_facts() {
        let mut facts = Facts::new();
        facts.set(Field::Temperature, Fact::Number(0.2));
        facts.set(
            Field::Parameters,
            Fact::Body(json!({"temperature": 0.9, "top_p": 1, "max_tokens": "Infinity", "max_completion_tokens": 5})),
        );
        open(&mut facts, Kind::Llm, |field, fact| field == Field::TopP && fact == &Fact::Number(1.0), &mut ());
        assert_eq!((facts.number(Field::Temperature), facts.number(Field::TopP)), (Some(0.2), None));
        assert_eq!(facts.int(Field::MaxTokens), Some(5));
    }

    #[test]
    fn an_id_is_an_answers_only_if_the_body_is_a_whole_answer() {
        let message =
            json!({"id": "msg_1", "type": "message", "role": "assistant", "content": [{"type": "text", "text": "Hi"}]});
        let item = opened(Kind::Llm, &[(Field::Answer, message.clone())], |_, _| false);
        assert_eq!((item.has(Field::ResponseId), item.has(Field::OutputMessages)), (false, true));
        let mut whole = message;
        whole["stop_reason"] = json!("end_turn");
        whole["model"] = json!({"name": "m"});
        let mut whole = opened(Kind::Llm, &[(Field::Answer, whole)], |_, _| false);
        assert_eq!(whole.text(Field::ResponseId).as_deref(), Some("msg_1"));
        assert!(!whole.has(Field::ResponseModel));
    }
}
