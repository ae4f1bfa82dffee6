//! Stories of the demo: one trace each, told from dice, so that a seed always tells the same.
//!
//! In: dice and the time at which the story ends. Out: an application's name and the spans it would send. Latencies have
//! long tails, some calls fail, some are cached, one model has no price: what real applications look like.

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value as Json, json};

use super::span::{DemoSpan, MS};
use super::words::{CHATS, CITIES, FAILURES, INSTRUCTIONS, LOOK_UPS, MODELS, Model, USERS, VECTOR_STORES};

/// Share of chat calls that fail.
const FAILING: f64 = 0.05;
/// Sessions that tell stories at the same time.
const SESSIONS: u32 = 60;

/// A trace of an application.
#[derive(Debug)]
pub(super) struct Story {
    /// Its `service.name`.
    pub(super) app: &'static str,
    /// The root first.
    pub(super) spans: Vec<DemoSpan>,
}

/// Tells stories.
pub(super) struct Teller {
    dice: SmallRng,
}

/// A model call to be told.
struct Call<'a> {
    model: &'static Model,
    messages: Vec<Json>,
    /// What the model answers: parts of a message.
    answer: Vec<Json>,
    finish: &'a str,
    input_tokens: f64,
    may_fail: bool,
}

/// A trace while it is told.
struct Draft {
    spans: Vec<DemoSpan>,
    trace_id: u128,
    /// Where the next span starts, nanoseconds from the story's beginning.
    at: i64,
    session: String,
    user: &'static str,
}

fn text(content: &str) -> Json {
    json!({ "type": "text", "content": content })
}

fn said(role: &str, parts: &[Json]) -> Json {
    json!({ "role": role, "parts": parts })
}

impl Teller {
    /// The teller of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self { dice: SmallRng::seed_from_u64(seed) }
    }

    /// A story that ends at `end` (nanoseconds since 1970).
    pub(super) fn tell(&mut self, end: i64) -> Story {
        let mut draft = Draft {
            spans: Vec::new(),
            trace_id: self.dice.random::<u128>() | 1,
            at: 0,
            session: format!("session-{:03}", self.dice.random_range(0..SESSIONS)),
            user: self.pick::<&str>(USERS),
        };
        let app = match self.dice.random_range(0..10) {
            0..=3 => self.chat(&mut draft, "kimi-chat"),
            4..=5 => self.chat(&mut draft, "support-bot"),
            6..=7 => self.look_up(&mut draft),
            _ => self.research(&mut draft),
        };
        // Told from zero: now everything moves to where it ends.
        let length = draft.spans.iter().map(|span| span.end).max().unwrap_or_default();
        for span in &mut draft.spans {
            span.start += end - length;
            span.end += end - length;
        }
        Story { app, spans: draft.spans }
    }

    /// A number between 0 and 1.
    pub(super) fn chance(&mut self) -> f64 {
        self.dice.random()
    }

    fn pick<T>(&mut self, from: &'static [T]) -> &'static T {
        &from[self.dice.random_range(0..from.len())]
    }

    fn model(&mut self) -> &'static Model {
        let mut left = self.dice.random_range(0..MODELS.iter().map(|model| model.weight).sum());
        let mut models = MODELS.iter();
        loop {
            match models.next() {
                Some(model) if left >= model.weight => left -= model.weight,
                Some(model) => return model,
                None => return &MODELS[0],
            }
        }
    }

    /// Around `typical`, with the long tail that latencies have.
    fn about(&mut self, typical: f64) -> f64 {
        let tail = if self.chance() < 0.03 { 4.0 } else { 1.0 };
        typical * self.dice.random_range(-0.6_f64..0.8).exp() * tail
    }

    fn about_ns(&mut self, typical_ms: f64) -> i64 {
        (self.about(typical_ms) * MS as f64) as i64
    }

    /// Opens a span at the draft's time; its end is set by [`Draft::close`].
    fn open(&mut self, draft: &mut Draft, parent: Option<usize>, name: String, kind: u8) -> usize {
        let span = DemoSpan {
            trace_id: draft.trace_id,
            span_id: self.dice.random::<u64>() | 1,
            parent: parent.map(|place| draft.spans[place].span_id),
            name,
            kind,
            start: draft.at,
            end: draft.at,
            attributes: Vec::new(),
            failure: None,
        };
        draft.spans.push(span);
        draft.spans.len() - 1
    }

    /// A web request with one chat in it, as the article's application makes them.
    fn chat(&mut self, draft: &mut Draft, app: &'static str) -> &'static str {
        let root = self.open(draft, None, "POST /ask".to_owned(), 2);
        draft.spans[root].set("http.request.method", "POST");
        draft.spans[root].set("url.path", "/ask");
        draft.spans[root].set("http.route", "/ask");
        draft.at += 3 * MS;
        let (question, answer) = *self.pick(CHATS);
        let call = Call {
            model: self.model(),
            messages: vec![said("user", &[text(question)])],
            answer: vec![text(answer)],
            finish: "stop",
            input_tokens: 300.0,
            may_fail: true,
        };
        let failed = self.call(draft, root, call);
        draft.at += 2 * MS;
        draft.close(root);
        draft.spans[root].set("http.response.status_code", if failed { 502 } else { 200 });
        app
    }

    /// A question to a manual: embedding, vector search, chat.
    fn look_up(&mut self, draft: &mut Draft) -> &'static str {
        let (question, found, answer) = *self.pick(LOOK_UPS);
        let root = self.open(draft, None, "answer_from_manual".to_owned(), 1);
        draft.spans[root].set("gen_ai.operation.name", "invoke_workflow");
        draft.spans[root].set("gen_ai.workflow.name", "answer_from_manual");
        draft.at += MS;

        let embedding = self.open(draft, Some(root), "embeddings text-embedding-3-small".to_owned(), 3);
        let tokens = self.dice.random_range(8..40);
        for (key, value) in [
            ("gen_ai.operation.name", json!("embeddings")),
            ("gen_ai.provider.name", json!("openai")),
            ("gen_ai.request.model", json!("text-embedding-3-small")),
            ("gen_ai.response.model", json!("text-embedding-3-small")),
            ("gen_ai.embeddings.dimension.count", json!(1536)),
            ("gen_ai.usage.input_tokens", json!(tokens)),
            ("gen_ai.input.messages", json!(json!([said("user", &[text(question)])]).to_string())),
        ] {
            draft.spans[embedding].set(key, value);
        }
        draft.at += self.about_ns(90.0);
        draft.close(embedding);

        let system = *self.pick(VECTOR_STORES);
        let search = self.open(draft, Some(root), format!("{system} search"), 3);
        for (key, value) in [
            ("db.system.name", json!(system)),
            ("db.operation.name", json!("search")),
            ("db.collection.name", json!("manual")),
            ("db.query.text", json!(question)),
            ("db.vector.query.top_k", json!(5)),
            ("db.response.returned_rows", json!(5)),
        ] {
            draft.spans[search].set(key, value);
        }
        draft.at += self.about_ns(20.0);
        draft.close(search);

        let prompt = format!("Answer from these pages only.\n\n{found}\n\nQuestion: {question}");
        let call = Call {
            model: self.model(),
            messages: vec![said("user", &[text(&prompt)])],
            answer: vec![text(answer)],
            finish: "stop",
            input_tokens: 1_800.0,
            may_fail: true,
        };
        self.call(draft, root, call);
        draft.at += MS;
        draft.close(root);
        "manual-rag"
    }

    /// An agent that searches the web until it knows enough.
    fn research(&mut self, draft: &mut Draft) -> &'static str {
        let model = self.model();
        let root = self.open(draft, None, "invoke_agent researcher".to_owned(), 1);
        draft.spans[root].set("gen_ai.operation.name", "invoke_agent");
        draft.spans[root].set("gen_ai.agent.name", "researcher");
        draft.spans[root].set("gen_ai.conversation.id", draft.session.clone());
        draft.at += 2 * MS;
        let steps = self.dice.random_range(2..=CITIES.len());
        let names: Vec<&str> = CITIES[..steps].iter().map(|(city, _)| *city).collect();
        let task = format!("Find the population of {} and compare.", names.join(", "));
        let mut messages = vec![said("user", &[text(&task)])];
        for (city, people) in &CITIES[..steps] {
            let id = format!("call_{:08x}", self.dice.random::<u32>());
            let arguments = json!({ "query": format!("population of {city}"), "top": 3 });
            let wish = json!({ "type": "tool_call", "id": id, "name": "web_search", "arguments": arguments });
            let thought = json!({ "type": "reasoning", "content": format!("I need the population of {city}.") });
            let call = Call {
                model,
                messages: messages.clone(),
                answer: vec![thought, wish.clone()],
                finish: "tool_calls",
                input_tokens: 500.0 * messages.len() as f64,
                may_fail: false,
            };
            self.call(draft, root, call);
            let result = json!({ "title": city, "snippet": format!("{city} has {people} inhabitants.") });
            self.tool(draft, root, &id, &arguments, &result);
            let answer = json!({ "type": "tool_call_response", "id": id, "response": result });
            messages.extend([said("assistant", &[wish]), said("tool", &[answer])]);
        }
        let summary: Vec<String> =
            CITIES[..steps].iter().map(|(city, people)| format!("- **{city}**: {people}")).collect();
        let input_tokens = 500.0 * messages.len() as f64;
        let answer = vec![text(&summary.join("\n"))];
        self.call(draft, root, Call { model, messages, answer, finish: "stop", input_tokens, may_fail: true });
        draft.at += MS;
        draft.close(root);
        "research-agent"
    }

    fn tool(&mut self, draft: &mut Draft, parent: usize, id: &str, arguments: &Json, result: &Json) {
        let tool = self.open(draft, Some(parent), "execute_tool web_search".to_owned(), 1);
        for (key, value) in [
            ("gen_ai.operation.name", json!("execute_tool")),
            ("gen_ai.tool.name", json!("web_search")),
            ("gen_ai.tool.call.id", json!(id)),
            ("gen_ai.tool.call.arguments", json!(arguments.to_string())),
            ("gen_ai.tool.call.result", json!(result.to_string())),
        ] {
            draft.spans[tool].set(key, value);
        }
        draft.at += self.about_ns(350.0);
        if self.chance() < FAILING {
            draft.spans[tool].set("error.type", "TimeoutError");
            draft.spans[tool].failure = Some(("TimeoutError", "search.example did not answer within 10 s"));
        }
        draft.close(tool);
    }

    /// A model call from the draft's time on. Tells whether it failed.
    fn call(&mut self, draft: &mut Draft, parent: usize, call: Call<'_>) -> bool {
        let Call { model, messages, answer, finish, input_tokens, may_fail } = call;
        let failure = (may_fail && self.chance() < FAILING).then(|| self.pick(FAILURES));
        let place = self.open(draft, Some(parent), format!("chat {}", model.name), 3);
        let stream = self.chance() < 0.7;
        let input = self.about(input_tokens) as i64;
        let output = self.about(160.0) as i64 + 1;
        let first = self.about(380.0);
        let instructions = self.pick(INSTRUCTIONS).map(|said| json!([text(said)]).to_string());
        let cached = (self.chance() < 0.3).then_some(input * 6 / 10);
        let temperature = [json!(0.3), json!(0.7), Json::Null][self.dice.random_range(0..3)].clone();
        let took_ms = if failure.is_some() { self.about(900.0) } else { first + output as f64 / model.speed * 1000.0 };
        draft.at += (took_ms * MS as f64) as i64;
        draft.close(place);

        let (session, user) = (draft.session.clone(), draft.user);
        let span = &mut draft.spans[place];
        for (key, value) in [
            ("gen_ai.operation.name", json!("chat")),
            ("gen_ai.provider.name", json!(model.provider)),
            ("gen_ai.request.model", json!(model.name)),
            ("gen_ai.request.temperature", temperature),
            ("gen_ai.request.top_p", json!(0.95)),
            ("gen_ai.request.max_tokens", json!(4096)),
            ("gen_ai.request.stream", json!(stream)),
            ("gen_ai.conversation.id", json!(session)),
            ("user.id", json!(user)),
            ("gen_ai.system_instructions", json!(instructions)),
            ("gen_ai.input.messages", json!(Json::from(messages).to_string())),
        ] {
            span.set(key, value);
        }
        if let Some(failure) = failure {
            span.failure = Some((failure.class, failure.message));
            span.set("error.type", failure.class);
            span.set("http.response.status_code", failure.http_status);
            return true;
        }
        let reply = json!([{ "role": "assistant", "parts": answer, "finish_reason": finish }]);
        for (key, value) in [
            ("gen_ai.response.model", json!(model.name)),
            ("gen_ai.response.id", json!(format!("chatcmpl-{:016x}", span.span_id))),
            ("gen_ai.response.finish_reasons", json!([finish])),
            ("gen_ai.usage.input_tokens", json!(input)),
            ("gen_ai.usage.output_tokens", json!(output)),
            ("gen_ai.usage.cache_read.input_tokens", json!(cached)),
            ("gen_ai.response.time_to_first_chunk", if stream { json!(first / 1000.0) } else { Json::Null }),
            ("gen_ai.output.messages", json!(reply.to_string())),
        ] {
            span.set(key, value);
        }
        false
    }
}

impl Draft {
    /// Ends a span at the draft's time.
    fn close(&mut self, place: usize) {
        self.spans[place].end = self.at;
    }
}
