//! The catalogue: what a commit said is there after a reopen; what it did not say is not.

use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::*;
use crate::files::{KeyIndex, Written};

fn schemas(extra: bool) -> Vec<(Table, SchemaRef)> {
    let entries = Field::new_struct(
        "entries",
        vec![Field::new("keys", DataType::Utf8, false), Field::new("values", DataType::Utf8, true)],
        false,
    );
    let mut fields = vec![
        Field::new("project", DataType::Utf8, false),
        Field::new("tags", DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))), false),
        Field::new("attributes", DataType::Map(Arc::new(entries), false), false),
    ];
    if extra {
        fields.push(Field::new("later", DataType::Int64, true));
    }
    let schema = Arc::new(Schema::new(fields));
    Table::ALL.iter().map(|table| (*table, Arc::clone(&schema))).collect()
}

fn written() -> Written {
    Written {
        path: "unused".into(),
        bytes: 10,
        footer_bytes: 4,
        rows: 3,
        min_time: -5,
        max_time: 7,
        leaves: Vec::new(),
        positions: vec![0, 1, 2],
        index: Arc::new(KeyIndex::blank()),
        projects: None,
        texts: None,
    }
}

async fn open(dir: &Path) -> (Catalog, Loaded) {
    Catalog::open(dir, &schemas(false)).await.unwrap()
}

#[tokio::test]
async fn a_commit_is_there_after_a_reopen() {
    let dir = tempfile::tempdir().unwrap();
    let (catalog, loaded) = open(dir.path()).await;
    assert_eq!((loaded.wal_first_segment, loaded.files.len()), (1, 0));
    let file = NewFile { table: Table::Spans, name: "a.parquet".to_owned(), written: &written() };
    let ids = catalog.commit(&Flush { files: vec![file], masked: &[], wal_first_segment: 4 }).await.unwrap();
    let again = NewFile { table: Table::Spans, name: "a.parquet".to_owned(), written: &written() };
    let same = catalog.commit(&Flush { files: vec![again], masked: &[], wal_first_segment: 4 }).await.unwrap();
    assert_eq!(same, ids, "a flush that is committed twice is there once");
    for positions in [vec![1], vec![1, 2]] {
        let name = "a-delete.parquet".to_owned();
        let masked = Masked { file_id: ids[0], table: Table::Spans, positions, name, bytes: 1, footer_bytes: 1 };
        catalog.commit(&Flush { files: vec![], masked: &[masked], wal_first_segment: 5 }).await.unwrap();
    }
    catalog.close().await.unwrap();
    let (_, loaded) = open(dir.path()).await;
    let want = FileRow {
        id: ids[0],
        table: Table::Spans,
        name: "a.parquet".to_owned(),
        bytes: 10,
        rows: 3,
        min_time: -5,
        max_time: 7,
        deleted: vec![1, 2],
        texts_bytes: None,
        projects: None,
    };
    assert_eq!((loaded.wal_first_segment, loaded.files), (5, vec![want]));
    assert_eq!(loaded.delete_files.len(), 1, "only the newest delete file is in use");
}

#[tokio::test]
async fn nested_columns_get_ids_that_stay_when_a_column_is_added() {
    let dir = tempfile::tempdir().unwrap();
    let (catalog, _) = open(dir.path()).await;
    let before = SchemaRef::clone(&catalog.schemas(Table::Logs).unwrap().rows);
    catalog.close().await.unwrap();
    let (catalog, _) = Catalog::open(dir.path(), &schemas(true)).await.unwrap();
    let after = SchemaRef::clone(&catalog.schemas(Table::Logs).unwrap().rows);
    assert_eq!(before.fields()[..], after.fields()[..3]);
    let id = |field: &Field| field.metadata().get("PARQUET:field_id").cloned();
    assert_eq!(id(after.field(0)).as_deref(), Some("1"));
    assert_eq!(id(after.field(2)).as_deref(), Some("4"), "a list takes two ids");
    assert_eq!(id(after.field(3)).as_deref(), Some("7"), "a map takes three");
}

#[tokio::test]
async fn a_newer_directory_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let (catalog, _) = open(dir.path()).await;
    let raise = "UPDATE pellucid_meta SET value = 99 WHERE key = 'format_version'";
    sqlx::query(raise).execute(&mut *catalog.connection.lock().await).await.unwrap();
    catalog.close().await.unwrap();
    let refused = Catalog::open(dir.path(), &schemas(false)).await.unwrap_err();
    assert_eq!(refused.to_string(), "data directory has format version 99, this program knows up to 3");
}
