//! JSON that nobody takes apart on its way: kept as the text that a column shows.

use serde_json::Value as Json;

/// A JSON document as its compact text: no white space between its parts, real characters where JSON allows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document(Box<str>);

impl Document {
    /// A text that is such a document, by the word of the caller: what wrote it, or the table it was read from.
    pub fn from_text(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The document opened; `null` for a text that was none.
    pub fn open(&self) -> Json {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl From<Json> for Document {
    fn from(json: Json) -> Self {
        // `to_string` of a value writes through `fmt`, which takes twice as long. A value without odd keys never fails.
        Self::from_text(serde_json::to_string(&json).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_its_text() {
        let document = Document::from(json!({"b": "你\n", "a": [1, 2.5]}));
        assert_eq!(document.as_str(), r#"{"b":"你\n","a":[1,2.5]}"#);
        assert_eq!(document.open(), json!({"b": "你\n", "a": [1, 2.5]}));
        assert_eq!(Document::from_text("no json").open(), Json::Null);
    }
}
