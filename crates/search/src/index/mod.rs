//! An index of words: a file that tells which rows have a term.
//!
//! In: documents, each with its text and the rows it stands in. Out: bytes of one file, and from them the rows that may
//! answer a question. A document is whatever is stored once: a piece of a conversation that many rows share, or the short
//! texts of one row. Positions in texts are not kept: whoever asks reads the texts and decides.
//!
//! What is damaged is an error and never a wrong answer: all bytes that are read have checksums.

mod bits;
mod block;
mod build;
mod directory;
mod part;
mod places;
mod read;
#[cfg(test)]
mod tests;

pub use build::{Builder, Sizes};
pub use read::{ReadAt, Words};

/// An index that gives no answer.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    /// It cannot be read.
    #[error("the index cannot be read")]
    Read(#[from] std::io::Error),
    /// What is read makes no sense.
    #[error("the index is damaged: {0}")]
    Damaged(&'static str),
    /// It is an index, but of another version or of other texts.
    #[error("the index is of another version or of other texts")]
    Other,
}
