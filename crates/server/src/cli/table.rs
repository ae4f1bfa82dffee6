//! An answer as a table for people.

use serde_json::Value as Json;

/// Wider cells are cut: a message would push every other column off the screen.
const MAX_CELL_CHARS: usize = 60;

/// Columns padded to their widest cell, numbers to the right.
pub(super) fn render(answer: &Json) -> String {
    let names = answer["columns"].as_array().into_iter().flatten().map(|column| shown(&column["name"]));
    let header: Vec<String> = names.collect();
    let rows: Vec<&[Json]> =
        answer["rows"].as_array().into_iter().flatten().filter_map(|row| row.as_array().map(Vec::as_slice)).collect();
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(shown).collect()).collect();
    let width = |column: usize| {
        let cell = |row: &Vec<String>| row.get(column).map_or(0, |cell| columns_of(cell));
        cells.iter().chain([&header]).map(cell).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let right: Vec<bool> = (0..header.len())
        .map(|column| {
            rows.iter().all(|row| row.get(column).is_some_and(|cell| cell.is_number() || cell.is_null()))
                && !rows.is_empty()
        })
        .collect();
    let mut text = line(&header, &widths, &right);
    text.push_str(&format!("{}\n", widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>().join("  ")));
    for row in &cells {
        text.push_str(&line(row, &widths, &right));
    }
    text.push_str(&format!("{} {}\n", rows.len(), if rows.len() == 1 { "row" } else { "rows" }));
    text
}

fn line(cells: &[String], widths: &[usize], right: &[bool]) -> String {
    let padded = cells.iter().zip(widths).zip(right).map(|((cell, width), right)| {
        let space = " ".repeat(width.saturating_sub(columns_of(cell)));
        if *right { format!("{space}{cell}") } else { format!("{cell}{space}") }
    });
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
}

fn shown(value: &Json) -> String {
    let text = match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if flat.chars().count() <= MAX_CELL_CHARS {
        return flat;
    }
    flat.chars().take(MAX_CELL_CHARS - 1).chain(['…']).collect()
}

/// Terminal columns: East Asian wide characters take two.
fn columns_of(text: &str) -> usize {
    text.chars().map(|c| if matches!(u32::from(c), 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0x1f300..=0x1faff) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_line_up_even_in_chinese() {
        let answer = json!({"columns": [{"name": "model"}, {"name": "n"}], "rows": [["月之暗面", 3], ["gpt", null]]});
        assert_eq!(render(&answer), "model     n\n────────  ─\n月之暗面  3\ngpt\n2 rows\n");
    }

    #[test]
    fn long_and_dirty_cells_stay_on_their_line() {
        let answer = json!({"columns": [{"name": "t"}], "rows": [[format!("a\n{}", "x".repeat(100))]]});
        let text = render(&answer);
        assert_eq!(text.lines().count(), 4);
        assert!(text.contains("a xxx") && text.contains('…'));
    }
}
