//! What every span may carry, whoever made it: service, environment, user, session, database, exception.
//!
//! Read last for every span. It inherits all semantic conventions, so that a stray `gen_ai` key is never lost.

use super::Source::{Attr, Event, EventsNamed, Resource, StatusMessage};
use super::{Dialect, row};
use crate::convert::Shape::{Bool, Count, Data, EventCount, Host, Int, Text, Texts};
use crate::field::Field;

const RESOURCE: &str = "https://opentelemetry.io/docs/specs/semconv/resource/";
const DEPLOYMENT: &str = "https://opentelemetry.io/docs/specs/semconv/resource/deployment-environment/";
const SESSION: &str = "https://opentelemetry.io/docs/specs/semconv/general/session/";
const USER: &str = "https://opentelemetry.io/docs/specs/semconv/registry/attributes/user/";
const DB: &str = "https://opentelemetry.io/docs/specs/semconv/database/database-spans/";
const EXCEPTION: &str = "https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/";
const HTTP: &str = "https://opentelemetry.io/docs/specs/semconv/http/http-spans/";
const LAMINAR: &str = "https://github.com/lmnr-ai/lmnr at 39a1e595, span_attributes.rs";
const AUDIO: &str = "https://github.com/dotnet/extensions, OpenTelemetryConsts.cs; and that of Laminar";
const CUSTOM: &str = "names that applications give by custom";

pub(crate) static GENERIC: Dialect = Dialect {
    id: "generic",
    inherits: &[&super::otel::GENAI_NEXT],
    rows: &[
        row(Field::ServiceName, &[Resource("service.name")], Text, RESOURCE),
        row(Field::ServiceVersion, &[Resource("service.version")], Text, RESOURCE),
        row(
            Field::Environment,
            &[
                Attr("deployment.environment.name"),
                Attr("deployment.environment"),
                Resource("deployment.environment.name"),
                Resource("deployment.environment"),
            ],
            Text,
            DEPLOYMENT,
        ),
        row(Field::SessionId, &[Attr("session.id"), Attr("thread_id"), Attr("session_id")], Text, SESSION),
        row(Field::UserId, &[Attr("user.id"), Attr("enduser.id"), Attr("user_id")], Text, USER),
        row(Field::Tags, &[Attr("tags")], Texts, CUSTOM),
        row(Field::Stream, &[Attr("gen_ai.is_streaming"), Attr("llm.is_streaming")], Bool, CUSTOM),
        row(Field::Batch, &[Attr("gen_ai.request.batch")], Bool, LAMINAR),
        row(
            Field::CacheWrite1hTokens,
            &[Attr("gen_ai.usage.cache_creation.input_tokens.ephemeral_1h")],
            Count,
            LAMINAR,
        ),
        row(
            Field::InputAudioTokens,
            &[Attr("gen_ai.usage.input_audio_tokens"), Attr("gen_ai.usage.audio_input_tokens")],
            Count,
            AUDIO,
        ),
        row(
            Field::OutputAudioTokens,
            &[Attr("gen_ai.usage.output_audio_tokens"), Attr("gen_ai.usage.audio_output_tokens")],
            Count,
            AUDIO,
        ),
        row(Field::InputValue, &[Attr("input.value"), Attr("input")], Data, CUSTOM),
        row(Field::OutputValue, &[Attr("output.value"), Attr("output")], Data, CUSTOM),
        row(Field::DbSystem, &[Attr("db.system.name"), Attr("db.system")], Text, DB),
        row(Field::DbOperation, &[Attr("db.operation.name"), Attr("db.operation")], Text, DB),
        row(Field::DbCollection, &[Attr("db.collection.name")], Text, DB),
        row(Field::DbQuery, &[Attr("db.query.text"), Attr("db.statement")], Text, DB),
        row(Field::DbTopK, &[Attr("db.vector.query.top_k")], Int, DB),
        row(Field::DbReturned, &[Attr("db.response.returned_rows")], Int, DB),
        row(Field::DbReturned, &[EventsNamed("db.query.result")], EventCount, CUSTOM),
        row(Field::ErrorType, &[Event("exception", "exception.type")], Text, EXCEPTION),
        row(Field::ErrorMessage, &[Event("exception", "exception.message"), StatusMessage], Text, EXCEPTION),
        row(Field::HttpStatus, &[Attr("http.response.status_code"), Attr("http.status_code")], Int, HTTP),
        row(Field::ServerHost, &[Attr("server.address"), Attr("net.peer.name"), Attr("url.full")], Host, HTTP),
    ],
    ..Dialect::NONE
};
