//! Rules for Rust files: an opening `//!`, lengths, and the one place where the environment is read. Works on the text
//! with comments and literals blanked out, so that a word in a string is no code; that is exact enough for lengths and
//! names and needs no parser.

use super::{Exceptions, Fault};

const FILE_SOFT: usize = 400;
const FILE_HARD: usize = 600;
const FUNCTION: usize = 70;
/// The environment is an input like any other and is read where configuration is.
const ENVIRONMENT_READERS: &[&str] = &["crates/server/src/config.rs", "crates/testkit/", "xtask/"];

/// One Rust file, taken apart.
pub(super) struct Source {
    path: String,
    opens_with_doc: bool,
    /// Code of the production part, comments and literals blanked.
    code: String,
    functions: Vec<Function>,
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
}

impl Source {
    pub(super) fn read(path: String, text: &str) -> Source {
        let blanked = blank(text);
        let code = if is_test(&path) { String::new() } else { production(&blanked).to_owned() };
        let functions = functions(&code);
        Source { opens_with_doc: text.trim().is_empty() || text.starts_with("//!"), path, code, functions }
    }

    fn lines(&self) -> usize {
        self.code.lines().count()
    }

    pub(super) fn check(&self, exceptions: &Exceptions, faults: &mut Vec<Fault>) {
        let mut fault = |line, rule: String| faults.push(Fault::new(&self.path, line, rule));
        if !self.opens_with_doc {
            fault(1, "opens without `//!`: what it is, what flows in and out, what it promises".to_owned());
        }
        let (lines, excepted) = (self.lines(), exceptions.files.get(&self.path).copied());
        if lines > FILE_HARD {
            fault(1, format!("{lines} production lines; {FILE_HARD} is the end, no exception"));
        } else if lines > excepted.unwrap_or(FILE_SOFT) {
            fault(1, format!("{lines} production lines; {} are allowed", excepted.unwrap_or(FILE_SOFT)));
        }
        for function in &self.functions {
            let allowed = exceptions.functions.get(&self.key(function)).copied().unwrap_or(FUNCTION);
            if function.lines > allowed {
                fault(
                    function.line,
                    format!("`{}` has {} lines; {allowed} are allowed", function.name, function.lines),
                );
            }
        }
        if !ENVIRONMENT_READERS.iter().any(|place| self.path.starts_with(place)) {
            for (number, line) in self.code.lines().enumerate().filter(|(_, line)| line.contains("std::env")) {
                fault(number + 1, format!("`{}`: only server/config.rs reads the environment", line.trim()));
            }
        }
    }

    fn key(&self, function: &Function) -> String {
        format!("{}::{}", self.path, function.name)
    }
}

/// An exception that is no longer needed, or larger than needed, must go or shrink.
pub(super) fn check_stale(exceptions: &Exceptions, sources: &[Source], faults: &mut Vec<Fault>) {
    let mut judge = |key: &str, listed: usize, limit: usize, is: usize| {
        if is <= limit {
            faults.push(Fault::new("xtask/tidy.toml", 1, format!("`{key}` needs no exception any more: remove it")));
        } else if is < listed {
            faults.push(Fault::new("xtask/tidy.toml", 1, format!("`{key}` has shrunk to {is}: write that")));
        }
    };
    for (path, listed) in &exceptions.files {
        let is = sources.iter().find(|source| source.path == *path).map_or(0, Source::lines);
        judge(path, *listed, FILE_SOFT, is);
    }
    for (key, listed) in &exceptions.functions {
        let all = sources.iter().flat_map(|source| source.functions.iter().map(move |f| (source.key(f), f.lines)));
        let is = all.filter(|(name, _)| name == key).map(|(_, lines)| lines).max().unwrap_or(0);
        judge(key, *listed, FUNCTION, is);
    }
}

/// Files that are tests throughout.
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || ["/tests/", "/benches/", "fuzz/"].iter().any(|part| path.contains(part))
}

/// What comes before the first inline test module.
fn production(code: &str) -> &str {
    code.find("#[cfg(test)]\nmod tests {").and_then(|at| code.get(..at)).unwrap_or(code)
}

/// The same text, line for line, with comments, strings and characters blanked.
pub(super) fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_end(&chars, at);
        if end > at {
            out.extend(chars[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
            at = end;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

/// Where the comment or literal that starts at `at` ends; `at` itself if none starts there.
fn literal_end(chars: &[char], at: usize) -> usize {
    let is = |offset: usize, c: char| chars.get(at + offset) == Some(&c);
    let after_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match chars[at] {
        '/' if is(1, '/') => chars[at..].iter().position(|&c| c == '\n').map_or(chars.len(), |n| at + n),
        '/' if is(1, '*') => block_comment_end(chars, at),
        '"' => string_end(chars, at + 1),
        'r' if !after_word || (at > 0 && chars[at - 1] == 'b') => raw_string_end(chars, at),
        '\'' if is(1, '\\') => chars[at + 3..].iter().position(|&c| c == '\'').map_or(chars.len(), |n| at + 4 + n),
        '\'' if is(2, '\'') => at + 3,
        _ => at,
    }
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let (mut depth, mut here) = (0_usize, at);
    while here + 1 < chars.len() {
        match (chars[here], chars[here + 1]) {
            ('/', '*') => (depth, here) = (depth + 1, here + 2),
            ('*', '/') if depth == 1 => return here + 2,
            ('*', '/') => (depth, here) = (depth - 1, here + 2),
            _ => here += 1,
        }
    }
    chars.len()
}

fn string_end(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// `r"…"`, `r#"…"#` and so on; `at` if this `r` begins none (a raw identifier, a plain letter).
fn raw_string_end(chars: &[char], at: usize) -> usize {
    let hashes = chars[at + 1..].iter().take_while(|&&c| c == '#').count();
    let open = at + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return at;
    }
    let closes =
        |from: usize| chars[from] == '"' && chars[from + 1..].iter().take_while(|&&c| c == '#').count() >= hashes;
    (open + 1..chars.len()).find(|&from| closes(from)).map_or(chars.len(), |from| from + 1 + hashes)
}

/// Every function with a body: its name, first line and length.
fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    let bytes = code.as_bytes();
    for (at, _) in code.match_indices("fn ") {
        let starts_word = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
        let name: String =
            code.get(at + 3..).unwrap_or_default().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !starts_word || name.is_empty() {
            continue;
        }
        if let Some(end) = body_end(bytes, at) {
            let line = 1 + newlines(&bytes[..at]);
            found.push(Function { name, line, lines: 1 + newlines(&bytes[at..end]) });
        }
    }
    found
}

/// Where the body of the function that starts at `at` closes; `None` for one without a body.
fn body_end(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut round, mut curly) = (0_i32, 0_i32);
    for (here, byte) in bytes.iter().enumerate().skip(at) {
        match byte {
            b'(' | b'[' => round += 1,
            b')' | b']' => round -= 1,
            b';' if round == 0 && curly == 0 => return None,
            b'{' => curly += 1,
            b'}' => curly -= 1,
            _ => continue,
        }
        if *byte == b'}' && curly == 0 {
            return Some(here);
        }
    }
    None
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte == b'\n').count()
}
