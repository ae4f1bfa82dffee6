//! The repository is tidy, and each rule can be broken.

use std::path::Path;

use super::source::{Source, blank, check_stale};
use super::{Exceptions, Fault, check, edges, files};

#[test]
fn the_repository_is_tidy() {
    // Tests run in their package's folder; its path is not compiled in, since clones may share a target directory.
    let root = Path::new("..");
    let faults: Vec<String> = check(root).unwrap().iter().map(Fault::to_string).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn faults_of(path: &str, text: &str, exceptions: &Exceptions) -> Vec<String> {
    let mut faults = Vec::new();
    Source::read(path.to_owned(), text).check(exceptions, &mut faults);
    faults.iter().map(Fault::to_string).collect()
}

#[test]
fn a_file_without_an_opening_doc_is_a_fault() {
    let faults = faults_of("crates/model/src/id.rs", "use std::fmt;\n", &Exceptions::default());
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with("crates/model/src/id.rs:1: opens without"));
}

fn long_function(lines: usize) -> String {
    format!("//! doc\n\nfn long(a: [u8; 3]) {{\n{}}}\n", "    one(\"}\");\n".repeat(lines - 2))
}

#[test]
fn a_long_function_is_a_fault_unless_excepted_and_the_exception_may_only_shrink() {
    let path = "crates/model/src/id.rs";
    assert_eq!(faults_of(path, &long_function(70), &Exceptions::default()), [""; 0]);
    let faults = faults_of(path, &long_function(71), &Exceptions::default());
    assert_eq!(faults, [format!("{path}:3: `long` has 71 lines; 70 are allowed")]);

    let mut exceptions = Exceptions::default();
    exceptions.functions.insert(format!("{path}::long"), 71);
    assert_eq!(faults_of(path, &long_function(71), &exceptions), [""; 0]);
    for (lines, stale) in [(71, false), (70, true)] {
        let mut faults = Vec::new();
        check_stale(&exceptions, &[Source::read(path.to_owned(), &long_function(lines))], &mut faults);
        assert_eq!(!faults.is_empty(), stale, "{lines} lines: {faults:?}");
    }
}

#[test]
fn production_lines_are_counted_without_the_tests() {
    let path = "crates/model/src/id.rs";
    let long =
        |n: usize| format!("//! doc\n{}#[cfg(test)]\nmod tests {{\n{}}}\n", "use a::b;\n".repeat(n), "\n".repeat(900));
    assert_eq!(faults_of(path, &long(399), &Exceptions::default()), [""; 0]);
    assert_eq!(
        faults_of(path, &long(400), &Exceptions::default()),
        [format!("{path}:1: 401 production lines; 400 are allowed")]
    );
    let mut exceptions = Exceptions::default();
    exceptions.files.insert(path.to_owned(), 2000);
    assert_eq!(
        faults_of(path, &long(600), &exceptions),
        [format!("{path}:1: 601 production lines; 600 is the end, no exception")]
    );
}

#[test]
fn the_environment_is_read_in_one_place() {
    let text = "//! doc\nfn home() -> String { std::env::var(\"HOME\") }\n";
    assert_eq!(faults_of("crates/store/src/lib.rs", text, &Exceptions::default()).len(), 1);
    assert_eq!(faults_of("crates/server/src/config.rs", text, &Exceptions::default()), [""; 0]);
    let in_comment = "//! doc\n// std::env is not for us\nconst A: &str = \"std::env\";\n";
    assert_eq!(faults_of("crates/store/src/lib.rs", in_comment, &Exceptions::default()), [""; 0]);
}

#[test]
fn literals_and_comments_are_blanked_and_lifetimes_are_not() {
    let text = "a('{', '\\'', \"}\\\"{\", r#\"\"}\"#) /* { /* } */ } */ 'a: for<'b> r // {\nnext";
    let blanked = blank(text);
    assert!(!blanked.contains(['{', '}']), "{blanked}");
    assert_eq!(blanked.chars().count(), text.chars().count());
    assert!(blanked.contains("'a: for<'b> r") && blanked.ends_with("\nnext"));
}

#[test]
fn edges_between_crates_are_a_list() {
    let broken = |name: &str, manifest: &str| {
        let mut faults = Vec::new();
        edges::check(&format!("crates/{name}/Cargo.toml"), manifest, &mut faults).unwrap();
        faults.iter().map(Fault::to_string).collect::<Vec<_>>()
    };
    assert_eq!(broken("query", "[dependencies]\npellucid-store.workspace = true\narrow.workspace = true\n"), [""; 0]);
    let faults = broken("store", "[dependencies]\npellucid-genai.workspace = true\n");
    assert_eq!(faults, ["crates/store/Cargo.toml:2: store may not depend on genai"]);
    assert_eq!(broken("server", "[dependencies]\npellucid-testkit.workspace = true\n").len(), 1);
    assert_eq!(broken("server", "[dev-dependencies]\npellucid-testkit.workspace = true\n"), [""; 0]);
    assert_eq!(broken("model", "[dev-dependencies]\npellucid-otlp.workspace = true\n").len(), 1);
    assert_eq!(broken("otlp", "[dependencies]\naxum.workspace = true\n").len(), 1);
}

#[test]
fn names_that_say_nothing_and_blanks_are_faults() {
    let mut faults = Vec::new();
    files::check_name("crates/store/src/utils.rs", &mut faults);
    files::check_name("web/src/lib/common/a.ts", &mut faults);
    files::check_name("crates/store/src/commit.rs", &mut faults);
    files::check_text("docs/a.md", "good\nbad \n", &mut faults);
    files::check_text("docs/b.md", "no end", &mut faults);
    files::check_text("crates/otlp/testdata/c.json", "as it came \n", &mut faults);
    let places: Vec<String> = faults.iter().map(|fault| format!("{}:{}", fault.path, fault.line)).collect();
    assert_eq!(places, ["crates/store/src/utils.rs:1", "web/src/lib/common/a.ts:1", "docs/a.md:2", "docs/b.md:1"]);
}
