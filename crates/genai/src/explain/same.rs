//! Whether two places say the same of a field.

use serde_json::Value as Json;

use crate::field::{Fact, Field};
use crate::finish;
use crate::messages;
use crate::provider::canonical;

/// True if two facts do not contradict each other. Spelling, case, a model's prefix and an error's package are no
/// contradiction; of messages only what was said is compared, since every dialect writes their frame differently, and of
/// two copies one may be cut.
pub(super) fn agree(field: Field, one: &Fact, other: &Fact) -> bool {
    match (one, other) {
        (Fact::Text(one), Fact::Text(other)) => same_text(field, one, other),
        (Fact::Texts(one), Fact::Texts(other)) => words(field, one) == words(field, other),
        (Fact::List(one), Fact::List(other)) => same_words(&said(&one.items()), &said(&other.items())),
        (Fact::Int(one), Fact::Number(other)) | (Fact::Number(other), Fact::Int(one)) => *one as f64 == *other,
        _ => one == other,
    }
}

fn same_text(field: Field, one: &str, other: &str) -> bool {
    let plain = |text: &str| text.trim().to_lowercase();
    let (one, other) = (plain(one), plain(other));
    let tail = |whole: &str, end: &str, between: char| whole.rsplit(between).next() == Some(end);
    match field {
        Field::Provider => canonical(&one) == canonical(&other),
        Field::RequestModel | Field::ResponseModel => {
            one == other || tail(&one, &other, '/') || tail(&other, &one, '/')
        }
        Field::ErrorType => one == other || tail(&one, &other, '.') || tail(&other, &one, '.'),
        Field::ErrorMessage => one.contains(&other) || other.contains(&one),
        _ => one == other,
    }
}

fn same_words(one: &[&str], other: &[&str]) -> bool {
    let same = |(one, other): (&&str, &&str)| one.starts_with(other) || other.starts_with(one);
    one.len() == other.len() && one.iter().zip(other).all(same)
}

fn words(field: Field, texts: &[String]) -> Vec<String> {
    match field {
        Field::FinishReasons => texts.iter().filter_map(|text| finish::canonical(text)).collect(),
        _ => texts.to_vec(),
    }
}

/// The texts of messages or parts, and the names of the tools they call.
fn said(list: &[Json]) -> Vec<&str> {
    let parts = list.iter().filter(|item| item["parts"].is_null());
    let names = list.iter().filter_map(|item| item["parts"].as_array()).flatten().chain(parts);
    let names =
        names.filter_map(|part| part["name"].as_str().or(part["content"].as_str().filter(|_| part["role"].is_null())));
    let mut all: Vec<&str> = messages::texts(list).chain(names).filter(|text| !text.trim().is_empty()).collect();
    all.sort_unstable();
    all.dedup();
    all
}
