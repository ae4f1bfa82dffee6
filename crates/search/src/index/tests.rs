//! The index as a whole: it gives at least the rows that answer, and no damage makes it lie.

use proptest::prelude::*;

use super::*;
use crate::query::Query;

const LABEL: &[u8] = b"a.parquet";

/// A document: its texts and the rows it stands in.
type Document = (Vec<String>, Vec<u32>);

fn build(documents: &[Document], rows: u32) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new(), LABEL, rows).unwrap();
    for (texts, rows) in documents {
        texts.iter().for_each(|text| builder.text(text));
        builder.place(rows).unwrap();
    }
    let (bytes, sizes) = builder.finish().unwrap();
    assert_eq!(sizes.bytes, bytes.len() as u64);
    bytes
}

fn candidates(index: &[u8], query: &str) -> Result<Vec<u32>, WordsError> {
    let words = Words::open(index.to_vec(), LABEL)?;
    Ok(words.candidates(&Query::parse(query).unwrap())?.iter().collect())
}

fn one(text: &str, rows: &[u32]) -> Document {
    (vec![text.to_owned()], rows.to_vec())
}

#[test]
fn rows_are_found_by_words() {
    let documents = [
        one("我要退款流程 refund the order", &[0, 1, 5]),
        one("POST /v1/chat gpt-4o退", &[1]),
        one(r#"{"content":"one\nfoo C++"}"#, &[2, 3]),
        (vec![], vec![]),
        (vec!["several".to_owned(), "texts".to_owned()], vec![4]),
    ];
    let index = build(&documents, 6);
    for (query, want) in [
        ("退款", &[0, 1, 5][..]),
        ("退", &[0, 1, 5]),
        ("程", &[0, 1, 5]),
        ("款退", &[]),
        ("refund chat", &[1]),
        ("/v1/chat OR foo", &[1, 2, 3]),
        ("c++", &[2, 3]),
        ("\"several texts\"", &[4]),
        ("sever* -foo", &[4]),
        ("-foo", &[0, 1, 2, 3, 4, 5]),
        ("=> OR foo", &[0, 1, 2, 3, 4, 5]),
        ("refun*", &[0, 1, 5]),
        ("nothing", &[]),
    ] {
        assert_eq!(candidates(&index, query).unwrap(), want, "{query}");
    }
    let words = Words::open(index.clone(), LABEL).unwrap();
    assert_eq!(words.sizes().documents, 5);
    words.check().unwrap();
    assert!(matches!(Words::open(index, b"b.parquet"), Err(WordsError::Other)));
}

#[test]
fn many_documents_make_many_blocks() {
    let documents: Vec<Document> =
        (0..20_000).map(|number| one(&format!("word{number} all w{}", number % 100), &[number / 2])).collect();
    let index = build(&documents, 10_000);
    for (query, want) in
        [("word12345", vec![6172]), ("word1999*", Vec::from_iter([999_u32].into_iter().chain(9995..10_000)))]
    {
        assert_eq!(candidates(&index, query).unwrap(), want, "{query}");
    }
    assert_eq!(candidates(&index, "w7").unwrap().len(), 200);
    assert_eq!(candidates(&index, "all").unwrap().len(), 10_000);
    assert!(candidates(&index, "word12345 w46").unwrap().is_empty());
}

fn texts() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "foo",
        "bar",
        "foo_bar",
        "/v1/chat",
        "c++",
        "C#",
        "gpt-4o",
        "退款",
        "流程",
        "退",
        "한국어",
        "ｶﾅ",
        "Ｆｏｏ",
        "nfoo",
        "Zoë",
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "abcdefg",
    ]);
    let between =
        prop::sample::select(vec![" ", "", r"\n", r"\\t", "\n", ", ", "_", "。", "\\", "\"", r#"\""#, "/", "+", "#"]);
    prop::collection::vec((words, between), 0..8)
        .prop_map(|parts| parts.into_iter().map(|(word, between)| format!("{word}{between}")).collect())
}

fn queries() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        texts().prop_map(|text| text.replace(char::is_whitespace, "_")),
        texts().prop_map(|text| format!("\"{}\"", text.replace(['"', '\\'], " "))),
        (texts(), 1_usize..12).prop_map(|(text, length)| {
            let start: String = text.chars().filter(|c| !c.is_whitespace()).take(length).collect();
            format!("{start}*")
        }),
    ];
    let sign = prop::sample::select(vec!["", "", "-"]);
    let with = prop::sample::select(vec![" ", " OR "]);
    prop::collection::vec((sign, leaf, with), 1..4).prop_map(|parts| {
        let all: String = parts.iter().map(|(sign, leaf, with)| format!("{sign}{leaf}{with}")).collect();
        all.trim_end_matches(" OR ").trim_end().to_owned()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_row_that_answers_is_a_candidate(
        documents in prop::collection::vec((prop::collection::vec(texts(), 0..3), prop::collection::btree_set(0_u32..8, 0..4)), 0..6),
        query in queries(),
    ) {
        let Ok(query) = Query::parse(&query) else { return Ok(()) };
        let documents: Vec<Document> =
            documents.into_iter().map(|(texts, rows)| (texts, Vec::from_iter(rows))).collect();
        let words = Words::open(build(&documents, 8), LABEL).unwrap();
        let candidates = words.candidates(&query).unwrap();
        let matcher = query.matcher();
        for row in 0..8 {
            let stands = documents.iter().filter(|(_, rows)| rows.contains(&row));
            let texts: Vec<&String> = stands.flat_map(|(texts, _)| texts).collect();
            if matcher.matches(&texts) {
                prop_assert!(candidates.contains(row), "{} in {texts:?}", query.text());
            }
            for text in texts {
                for range in matcher.ranges(text) {
                    prop_assert!(text.get(range).is_some());
                }
            }
        }
    }

    #[test]
    fn damage_is_an_error_or_harmless(
        cut in prop::option::of(any::<prop::sample::Index>()),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 1_u8..), 0..4),
        query in prop::sample::select(vec!["退款", "foo", "w1*", "\"foo bar\" OR w3", "-foo"]),
    ) {
        let documents: Vec<Document> =
            (0..300).map(|number| one(&format!("foo bar w{number} 退款{}", number % 7), &[number % 40, 40 + number % 3])).collect();
        let index = build(&documents, 43);
        let want = candidates(&index, query).unwrap();
        let mut damaged = index;
        for (at, flip) in flips {
            let at = at.index(damaged.len());
            damaged[at] ^= flip;
        }
        if let Some(cut) = cut {
            damaged.truncate(cut.index(damaged.len()));
        }
        if let Ok(found) = candidates(&damaged, query) {
            prop_assert_eq!(found, want);
        }
    }
}
