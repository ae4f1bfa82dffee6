//! Word indexes: beside each file in time, never wrong, made again when lost.

use std::fs;

use arrow::array::{Array, AsArray};
use pellucid_search::Query;

use super::world::*;
use crate::files::{read_rows, searched_columns, words_path};
use crate::options::Options;
use crate::snapshot::{FileRef, Table, TableSnapshot};

/// Every file has an index, and only when told are files merged.
fn all_sizes(options: &mut Options) {
    (options.words_min_bytes, options.merge_files) = (0, usize::MAX);
}

const QUERIES: [&str; 7] = ["row", "trace 0", "\"row 3 as b\"", "5 -trace", "tra* b", "b OR c", "nothing"];

/// The searched texts of each row of a file, masked ones included.
fn texts_of(file: &FileRef) -> Vec<Vec<String>> {
    let all: Vec<u32> = (0..file.rows as u32).collect();
    let mut texts = vec![Vec::new(); all.len()];
    let mut first = 0;
    for batch in read_rows(Table::Spans, &file.path, file.texts.is_some(), &all).unwrap() {
        for column in searched_columns(Table::Spans).iter().map(|name| batch.column_by_name(name).unwrap()) {
            let column = column.as_string::<i32>();
            let valid = (0..column.len()).filter(|row| column.is_valid(*row));
            valid.for_each(|row| texts[first + row].push(column.value(row).to_owned()));
        }
        first += batch.num_rows();
    }
    texts
}

/// What the indexes give is at least what answers, and for single words it is just that.
fn agree(view: &TableSnapshot) {
    for file in &view.files {
        let (words, texts) = (file.words.as_ref().expect("no index"), texts_of(file));
        for query in QUERIES {
            let parsed = Query::parse(query).unwrap();
            let (candidates, matcher) = (words.candidates(&parsed).unwrap(), parsed.matcher());
            for (row, texts) in texts.iter().enumerate() {
                let (answers, given) = (matcher.matches(texts), candidates.contains(row as u32));
                assert!(given || !answers, "{query}: row {row} with {texts:?}");
                assert!(answers || !given || query.contains([' ', '"']), "{query}: row {row} with {texts:?}");
            }
        }
    }
}

async fn fill(world: &mut World) {
    for (from, name) in [(0, "a"), (7, "b"), (14, "c"), (21, "d")] {
        let rows: Vec<(u64, &str)> = (from..from + 8).map(|number| (number, name)).collect();
        world.write(&rows).await.unwrap();
        world.store().flush().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn indexes_agree_with_reading_through_flushes_masks_and_merges() {
    let mut world = World::open_with(&all_sizes).await;
    fill(&mut world).await;
    world.store().index_words().await.unwrap();
    let view = world.store().snapshot(Table::Spans).unwrap();
    assert!(view.files.len() == 4 && view.files.iter().any(|file| !file.deleted.is_empty()));
    agree(&view);
    drop(view);
    world.store().compact().await.unwrap();
    world.store().index_words().await.unwrap();
    let view = world.store().snapshot(Table::Spans).unwrap();
    assert_eq!(view.files.len(), 1);
    agree(&view);
    let spans = world.store().tables().into_iter().find(|table| table.name == "spans").unwrap();
    assert_eq!(spans.words_bytes, fs::metadata(words_path(&view.files[0].path)).unwrap().len());
    let indexes = fs::read_dir(world.dir().join("data/main/spans")).unwrap();
    let indexes = indexes.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "words"));
    assert_eq!(indexes.count(), 1, "those of the merged files went with them");
    assert_eq!(world.store().verify(|_| {}).await.unwrap(), []);
    world.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_or_damaged_index_is_made_again() {
    let mut world = World::open_with(&all_sizes).await;
    fill(&mut world).await;
    world.store().index_words().await.unwrap();
    let paths = |world: &World| {
        let view = world.store().snapshot(Table::Spans).unwrap();
        Vec::from_iter(view.files.iter().map(|file| words_path(&file.path)))
    };
    let whole = Vec::from_iter(paths(&world).iter().map(|path| fs::read(path).unwrap()));
    world.stop();
    let dir = world.dir().join("data/main/spans");
    fs::write(dir.join("left-over.words"), b"").unwrap();
    world.crash().await;
    assert!(!dir.join("left-over.words").exists());
    let paths = paths(&world);
    fs::remove_file(&paths[0]).unwrap();
    fs::write(&paths[1], b"").unwrap();
    fs::write(&paths[2], &whole[2][..whole[2].len() / 2]).unwrap();
    world.crash().await;
    world.store().index_words().await.unwrap();
    agree(&world.store().snapshot(Table::Spans).unwrap());
    for (path, bytes) in paths.iter().zip(&whole) {
        assert_eq!(&fs::read(path).unwrap(), bytes, "the same file makes the same index");
    }
    // Damage that only reading shows.
    let mut damaged = whole[3].clone();
    damaged[10] ^= 1;
    fs::write(&paths[3], damaged).unwrap();
    assert_eq!(world.store().verify(|_| {}).await.unwrap().len(), 1);
    let view = world.store().snapshot(Table::Spans).unwrap();
    let query = Query::parse("row").unwrap();
    assert_eq!(view.files[3].words.as_ref().unwrap().candidates(&query), None, "then rows are read");
    world.store().index_words().await.unwrap();
    agree(&world.store().snapshot(Table::Spans).unwrap());
    assert_eq!(world.store().verify(|_| {}).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_files_have_no_index_and_a_directory_without_any_opens() {
    let mut world = World::open_with(&|options| options.merge_files = usize::MAX).await;
    fill(&mut world).await;
    assert_eq!(world.store().index_words().await.unwrap(), 0);
    let indexed = |world: &World| {
        let view = world.store().snapshot(Table::Spans).unwrap();
        view.files.iter().filter(|file| file.words.is_some()).count()
    };
    assert_eq!(indexed(&world), 0);
    world.set(all_sizes);
    world.restart().await;
    world.check();
    world.store().index_words().await.unwrap();
    assert_eq!(indexed(&world), 4);
    agree(&world.store().snapshot(Table::Spans).unwrap());
}
