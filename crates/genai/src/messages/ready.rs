//! Lists that are in the canonical form already, or nearly: written from text to text, never opened.
//!
//! In: the JSON text of messages, parts or tool definitions. Out: the text that the long way through values would give,
//! and what the stages behind must know of it. Nothing where any item is of another shape: the long way then reads all.

use serde_json::Value as Json;

use super::{canonical_role, part};
use crate::compact::{Compact, Fields, push_key};
use crate::finish;

/// A list as text.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Ready {
    pub(super) text: String,
    /// Where the system messages at the head of the list end; 0 without any.
    system_end: usize,
    /// Why its messages ended.
    pub(super) finish_reasons: Vec<String>,
    /// Whether any part says something.
    pub(super) says_something: bool,
}

impl Ready {
    /// The items as values.
    pub(super) fn open(&self) -> Vec<Json> {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// Takes the system messages off its head. What is left may be an empty list.
    pub(super) fn take_system(&mut self) -> Vec<Json> {
        let Some((head, rest)) = self.text.split_at_checked(self.system_end).filter(|_| self.system_end > 0) else {
            return Vec::new();
        };
        let system = serde_json::from_str(&format!("{head}]")).unwrap_or_default();
        self.text = format!("[{}", rest.strip_prefix(',').unwrap_or(rest));
        self.system_end = 0;
        system
    }
}

/// Messages of a text.
pub(crate) fn messages(text: &str) -> Option<Ready> {
    list(text, |reader, ready| {
        let before = ready.text.len();
        // Nothing but system messages stands before this one: only a bracket, or their end and a comma.
        let at_head = before == 1 || before == ready.system_end + 1;
        if reader.message(ready)? == "system" && at_head {
            ready.system_end = ready.text.len();
        }
        Some(())
    })
}

/// Parts of a text.
pub(crate) fn parts(text: &str) -> Option<Ready> {
    list(text, |reader, ready| reader.part(ready, true)?.then_some(()))
}

/// Tool definitions of a text, flat ones.
pub(crate) fn tools(text: &str) -> Option<Ready> {
    list(text, |reader, ready| reader.tool(&mut ready.text))
}

/// A list of at least one item.
fn list<'a>(text: &'a str, mut item: impl FnMut(&mut Reader<'a>, &mut Ready) -> Option<()>) -> Option<Ready> {
    let text = text.trim();
    let mut reader = Reader { json: Compact::new(text), values: String::new(), fields: Vec::new() };
    let mut ready = Ready { text: String::with_capacity(text.len() + 2), ..Ready::default() };
    reader.json.eat(b'[')?;
    ready.text.push('[');
    loop {
        item(&mut reader, &mut ready)?;
        if !reader.json.more(b']')? {
            break;
        }
        ready.text.push(',');
    }
    ready.text.push(']');
    reader.json.is_done().then_some(ready)
}

/// Keys of parts in which the words for one thing are looked for, in this order.
const SAID: &[&str] = &["content", "text"];
const THOUGHT: &[&str] = &["content", "thinking", "text", "reasoning"];
const CALL_IDS: &[&str] = &["call_id", "id", "toolCallId", "toolUseId", "ref"];
const NAMES: &[&str] = &["name", "toolName", "tool_name"];
const ARGUMENTS: &[&str] = &["arguments", "input", "args", "parameters"];
const RESULT_IDS: &[&str] = &["id", "tool_use_id", "call_id", "tool_call_id", "toolCallId", "toolUseId", "ref"];
const RESULTS: &[&str] = &["response", "result", "content", "output"];
/// Keys of tool definitions that nest others.
const NESTS: &[&str] = &["function", "toolSpec", "data", "functionDeclarations", "function_declarations"];

struct Reader<'a> {
    json: Compact<'a>,
    /// Values of the part at hand.
    values: String,
    fields: Fields<'a>,
}

impl<'a> Reader<'a> {
    /// One message of a known role with parts or a text. Gives its role.
    fn message(&mut self, ready: &mut Ready) -> Option<&'static str> {
        self.json.eat(b'{')?;
        let start = ready.text.len();
        let (mut role, mut finish, mut name, mut said) = (None, None, None, false);
        loop {
            match self.json.key()? {
                "role" if role.is_none() => {
                    role = Some(role_of(self.text()?)?);
                    // Most write it first; for others it is put in front at the end.
                    if !said {
                        push_role(&mut ready.text, role?);
                    }
                }
                "parts" if !said => {
                    said = true;
                    self.parts(ready)?;
                }
                "content" if !said => {
                    said = true;
                    let text = self.text()?;
                    (text != "\"\"").then_some(())?;
                    ready.says_something = true;
                    ready.text.push_str(r#"[{"type":"text","content":"#);
                    ready.text.push_str(text);
                    ready.text.push_str("}]");
                }
                "finish_reason" if finish.is_none() => finish = Some(serde_json::from_str(self.text()?).ok()?),
                "name" if name.is_none() => name = Some(self.text()?.to_owned()),
                _ => return None,
            }
            if !self.json.more(b'}')? {
                break;
            }
        }
        let role = role.filter(|_| said)?;
        if !ready.text.get(start..)?.starts_with('{') {
            let mut head = String::new();
            push_role(&mut head, role);
            ready.text.insert_str(start, &head);
        }
        let finish: Option<String> = finish;
        if let Some(finish) = finish.and_then(|finish| finish::canonical(&finish)) {
            ready.text.push_str(",\"finish_reason\":");
            ready.text.push_str(&Json::from(finish.as_str()).to_string());
            ready.finish_reasons.push(finish);
        }
        if let Some(name) = name {
            ready.text.push_str(",\"name\":");
            ready.text.push_str(&name);
        }
        ready.text.push('}');
        Some(role)
    }

    /// A value that must be a string, compact and with its quotes.
    fn text(&mut self) -> Option<&str> {
        self.values.clear();
        self.json.value(&mut self.values, 0)?;
        self.values.starts_with('"').then_some(self.values.as_str())
    }

    /// The parts of one message: at least one that is not empty.
    fn parts(&mut self, ready: &mut Ready) -> Option<()> {
        self.json.eat(b'[')?;
        ready.text.push('[');
        let (mut any, mut more) = (false, true);
        while more {
            let before = ready.text.len();
            if any {
                ready.text.push(',');
            }
            if self.part(ready, false)? {
                any = true;
            } else {
                ready.text.truncate(before);
            }
            more = self.json.more(b']')?;
        }
        ready.text.push(']');
        any.then_some(())
    }

    /// One part; false if it is empty. `alone`, without a message around it, it must not be a message itself.
    fn part(&mut self, ready: &mut Ready, alone: bool) -> Option<bool> {
        self.values.clear();
        self.json.fields(&mut self.values, &mut self.fields)?;
        if alone && self.has("parts") {
            return None;
        }
        let out = &mut ready.text;
        let kind = self.get("type")?.strip_prefix('"')?.strip_suffix('"')?;
        match kind {
            "text" | "input_text" | "output_text" => return self.said("text", SAID, ready),
            "reasoning" | "thinking" | "summary_text" => {
                return self.said("reasoning", THOUGHT, ready)?.then_some(true);
            }
            "tool_call" | "tool_use" | "function" | "function_call" | "tool-call" => self.call(out)?,
            "tool_call_response" | "tool_result" | "function_call_output" | "tool-result" => self.result(out)?,
            "" => return None,
            _ => {
                self.copy(out, &mut (0..self.fields.len()));
                ready.says_something |= self.get("content") != Some("\"\"");
                return Some(true);
            }
        }
        // Calls and results say something unless they have an empty `content`, which they never do.
        ready.says_something = true;
        Some(true)
    }

    fn said(&self, kind: &str, keys: &[&str], ready: &mut Ready) -> Option<bool> {
        let text = self.first(keys).filter(|text| text.starts_with('"'))?;
        if text == "\"\"" {
            return Some(false);
        }
        ready.says_something = true;
        let out = &mut ready.text;
        out.push_str(r#"{"type":""#);
        out.push_str(kind);
        out.push_str(r#"","content":"#);
        out.push_str(text);
        out.push('}');
        Some(true)
    }

    fn call(&self, out: &mut String) -> Option<()> {
        (!self.has("function")).then_some(())?;
        out.push_str(r#"{"type":"tool_call""#);
        if let Some(id) = self.first(CALL_IDS).filter(|id| id.starts_with('"')) {
            out.push_str(",\"id\":");
            out.push_str(id);
        }
        out.push_str(",\"name\":");
        out.push_str(self.first(NAMES).unwrap_or("null"));
        out.push_str(",\"arguments\":");
        match self.first(ARGUMENTS).unwrap_or("null") {
            text if text.starts_with('"') => {
                let opened = part::opened(serde_json::from_str(text).ok()?);
                out.push_str(&opened.to_string());
            }
            other => out.push_str(other),
        }
        out.push('}');
        Some(())
    }

    fn result(&self, out: &mut String) -> Option<()> {
        let said = self.first(RESULTS).unwrap_or("null");
        // The AI SDK's wrapper around what a tool said, or an origin in place of an id.
        let wrapped = said.starts_with("{\"type\":") || said.starts_with("{\"value\":");
        (!wrapped && !self.has("origin")).then_some(())?;
        out.push_str(r#"{"type":"tool_call_response""#);
        if let Some(id) = self.first(RESULT_IDS) {
            out.push_str(",\"id\":");
            out.push_str(id);
        }
        out.push_str(",\"response\":");
        out.push_str(said);
        out.push('}');
        Some(())
    }

    /// A flat definition, its type in front. Where the type stood comes what stood last, as the long way does it.
    fn tool(&mut self, out: &mut String) -> Option<()> {
        self.values.clear();
        self.json.fields(&mut self.values, &mut self.fields)?;
        (!NESTS.iter().any(|key| self.has(key))).then_some(())?;
        let last = self.fields.len().checked_sub(1)?;
        let typed = self.fields.iter().position(|(key, _)| *key == "type");
        match typed {
            None => {
                out.push_str(r#"{"type":"function","#);
                self.copy_bare(out, &mut (0..=last));
            }
            Some(at) => {
                let order = std::iter::once(at).chain((0..last).map(|place| if place == at { last } else { place }));
                out.push('{');
                self.copy_bare(out, &mut order.into_iter());
            }
        }
        out.push('}');
        Some(())
    }

    fn has(&self, key: &str) -> bool {
        self.fields.iter().any(|(known, _)| *known == key)
    }

    fn get(&self, key: &str) -> Option<&str> {
        let (_, range) = self.fields.iter().find(|(known, _)| *known == key)?;
        self.values.get(range.clone())
    }

    /// The first of these keys that holds something.
    fn first(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.get(key).filter(|value| *value != "null"))
    }

    /// These fields as an object.
    fn copy(&self, out: &mut String, order: &mut dyn Iterator<Item = usize>) {
        out.push('{');
        self.copy_bare(out, order);
        out.push('}');
    }

    fn copy_bare(&self, out: &mut String, order: &mut dyn Iterator<Item = usize>) {
        let fields = order.filter_map(|place| self.fields.get(place));
        for (nth, (key, range)) in fields.enumerate() {
            if nth > 0 {
                out.push(',');
            }
            push_key(out, key);
            out.push_str(self.values.get(range.clone()).unwrap_or_default());
        }
    }
}

fn push_role(out: &mut String, role: &str) {
    out.push_str(r#"{"role":""#);
    out.push_str(role);
    out.push_str(r#"","parts":"#);
}

/// A role that the canonical form knows, from its quoted text.
fn role_of(text: &str) -> Option<&'static str> {
    let sent = text.strip_prefix('"')?.strip_suffix('"')?;
    ["user", "assistant", "system", "tool"].into_iter().find(|role| *role == canonical_role(sent))
}

#[cfg(test)]
mod tests {
    use pellucid_model::Value;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::messages::{Read, from_value, parts_from_value, tool_definitions};

    /// The text that the long way gives.
    fn long(read: Option<Read>) -> Option<String> {
        read.filter(|read| !read.cut).map(|read| Json::Array(read.list).to_string())
    }

    fn all_ways(text: &str) -> [(Option<Ready>, Option<Read>); 3] {
        let value = Value::Str(text.to_owned());
        [
            (messages(text), from_value(&value, "user")),
            (parts(text), parts_from_value(&value)),
            (tools(text), tool_definitions(&value)),
        ]
    }

    #[test]
    fn the_canonical_form_needs_no_opening() {
        let list = json!([
            {"role": "system", "parts": [{"type": "text", "content": "Be brief.\n\"你\""}]},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "finish_reason": "tool_calls", "parts": [
                {"type": "reasoning", "content": "hm"}, {"type": "text", "content": ""},
                {"type": "tool_call", "id": "c", "name": "f", "arguments": {"a": [1.0, null]}},
                {"arguments": "{\"b\": 2}", "name": "g", "id": null, "type": "tool_call"}]},
            {"parts": [{"type": "tool_call_response", "id": "c", "response": "18°C"}, {"type": "blob", "content": "eA=="}],
                "name": "f", "role": "tool"},
        ]);
        for text in [list.to_string(), serde_json::to_string_pretty(&list).unwrap()] {
            let ready = messages(&text).unwrap();
            assert_eq!(Some(ready.text.clone()), long(from_value(&Value::Str(text), "user")));
            assert_eq!((ready.finish_reasons.as_slice(), ready.says_something), (&["tool_call".to_owned()][..], true));
        }
        let tool = json!([{"name": "f", "type": "function", "description": "d", "parameters": {"type": "object"}}, {"name": "g"}]);
        let text = tool.to_string();
        assert_eq!(tools(&text).map(|ready| ready.text), long(tool_definitions(&Value::Str(text))));
    }

    fn any_value() -> impl Strategy<Value = Json> {
        let word = prop::sample::select(vec![
            "",
            "text",
            "reasoning",
            "tool_call",
            "tool_result",
            "blob",
            "user",
            "human",
            "system",
            "x\"\n",
            "{\"a\": 1}",
            "[",
            "stop",
            "function",
            " ",
        ]);
        let leaf = prop_oneof![Just(Json::Null), word.prop_map(Json::from), any::<i8>().prop_map(Json::from)];
        let inner = leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
                prop::collection::vec((prop::sample::select(vec!["type", "value", "id", "text"]), inner), 0..3)
                    .prop_map(|entries| entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
            ]
        });
        inner.boxed()
    }

    /// An object of some of these keys, often with a type that belongs to it.
    fn object(keys: &'static [&'static str], kinds: &'static [&'static str]) -> impl Strategy<Value = Json> {
        let kind = prop::sample::select(kinds);
        let entries = prop::collection::vec((prop::sample::select(keys), any_value()), 0..5);
        (kind, entries, 0_usize..4).prop_map(|(kind, mut entries, at)| {
            if !kind.is_empty() {
                entries.insert(at.min(entries.len()), ("type", Json::from(kind)));
            }
            entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
        })
    }

    fn any_part() -> impl Strategy<Value = Json> {
        const KEYS: &[&str] = &[
            "content",
            "text",
            "thinking",
            "id",
            "call_id",
            "name",
            "tool_name",
            "arguments",
            "input",
            "response",
            "result",
            "output",
            "function",
            "origin",
            "parts",
            "summary",
            "description",
            "parameters",
            "data",
        ];
        const KINDS: &[&str] = &[
            "text",
            "text",
            "input_text",
            "reasoning",
            "thinking",
            "tool_call",
            "tool_call",
            "function_call",
            "tool_call_response",
            "tool_result",
            "blob",
            "uri",
            "function",
            "",
        ];
        prop_oneof![8 => object(KEYS, KINDS), 1 => any_value()]
    }

    fn any_message() -> impl Strategy<Value = Json> {
        let role =
            prop::sample::select(vec!["user", "assistant", "system", "system", "tool", "model", "AI", "odd", ""]);
        let parts = prop::collection::vec(any_part(), 0..4);
        let more = prop::collection::vec(
            (prop::sample::select(vec!["content", "finish_reason", "name", "id"]), any_value()),
            0..2,
        );
        (role, parts, more, any::<bool>()).prop_map(|(role, parts, more, role_first)| {
            let mut entries = vec![("role", Json::from(role)), ("parts", Json::from(parts))];
            if !role_first {
                entries.reverse();
            }
            entries.extend(more);
            entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn the_short_way_gives_what_the_long_way_gives(
            items in prop_oneof![prop::collection::vec(any_message(), 0..4), prop::collection::vec(any_part(), 0..4)],
            pretty: bool,
        ) {
            let text = if pretty { serde_json::to_string_pretty(&items) } else { serde_json::to_string(&items) }.unwrap();
            for (ready, read) in all_ways(&text) {
                if let Some(ready) = ready {
                    prop_assert_eq!(Some(ready.text), long(read), "{}", &text);
                }
            }
            if let Some(mut ready) = messages(&text) {
                let read = from_value(&Value::Str(text.clone()), "user").unwrap_or_default();
                let mut list = crate::messages::List::from(read.list);
                prop_assert_eq!(&ready.finish_reasons, &list.finish_reasons());
                prop_assert_eq!(ready.says_something, list.says_something(), "{}", &text);
                prop_assert_eq!(ready.take_system(), list.take_system(), "{}", &text);
                prop_assert_eq!(ready.open(), list.into_items(), "{}", &text);
            }
        }
    }
}
