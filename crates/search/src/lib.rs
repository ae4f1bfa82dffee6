//! Full text: what a word is, what may be asked, whether a text answers, and an index that finds texts by their words.
//!
//! In: texts and a [`Query`]. Out: yes or no with the places to mark ([`Matcher`]), a line to show ([`snippet`]), or the
//! rows that may answer ([`Words`]). An index only ever narrows: every row whose texts answer is among those it gives, and
//! whoever asked reads them and decides. Pure: no clock, no lock, and no file but what it is handed.

mod fold;
mod index;
mod query;
mod rows;
mod seam;
mod snippet;
mod terms;

pub use index::{Builder, ReadAt, Sizes, Words, WordsError};
pub use query::{MAX_QUERY_BYTES, MAX_RANGES, Matcher, Query, QueryError};
pub use rows::RowSet;
pub use seam::{open_end, open_start};
pub use snippet::{Snippet, snippet};
pub use terms::Probe;
