//! Rules for every file, whatever its language: names that say nothing are not taken, lines end where they end.

use super::Fault;

/// Names under which everything, and so nothing, can be found.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"];
const TEXTS: &[&str] = &["rs", "toml", "md", "py", "sh", "mjs", "ts", "tsx", "css", "html", "json", "yaml", "yml"];
/// Captured and golden bytes are as they came.
const AS_THEY_CAME: &[&str] = &["/testdata/", "package-lock.json", "LICENSE"];

pub(super) fn check_name(path: &str, faults: &mut Vec<Fault>) {
    for part in path.split('/') {
        let stem = part.split('.').next().unwrap_or(part);
        if EMPTY_NAMES.contains(&stem) {
            faults.push(Fault::new(path, 1, format!("`{stem}` names nothing: name the file after what it holds")));
        }
    }
}

pub(super) fn check_text(path: &str, text: &str, faults: &mut Vec<Fault>) {
    let known = path.rsplit('.').next().is_some_and(|ending| TEXTS.contains(&ending));
    if !known || AS_THEY_CAME.iter().any(|part| path.contains(part)) {
        return;
    }
    for (number, line) in text.lines().enumerate() {
        if line.ends_with([' ', '\t']) {
            faults.push(Fault::new(path, number + 1, "blanks at the end of the line"));
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        faults.push(Fault::new(path, text.lines().count(), "no newline at the end of the file"));
    }
}
