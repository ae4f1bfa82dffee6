//! Footers of Parquet files, read once.
//!
//! In: a file to be opened. Out: DataFusion's reader of it, whose footer comes with its page index from a cache of bounded
//! size. Without the page index the reader fetches whole columns of a row group for one row of it, and loads and copies
//! it for each question that has a condition. Files never change under their name, so nothing in the cache is ever wrong.

use std::ops::Range;
use std::sync::Arc;

use datafusion::catalog::Session;
use datafusion::common::Result;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::ParquetFileReaderFactory;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::parquet::metadata::DFParquetMetadata;
use datafusion::execution::cache::cache_manager::FileMetadataCache;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::object_store::{ObjectMeta, ObjectStore};
use datafusion::parquet::arrow::arrow_reader::ArrowReaderOptions;
use datafusion::parquet::arrow::async_reader::AsyncFileReader;
use datafusion::parquet::errors::{ParquetError, Result as ParquetResult};
use datafusion::parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::FutureExt as _;
use futures::future::BoxFuture;

/// Bytes of footers kept: those of about ten million rows.
pub(crate) const FOOTER_BYTES: usize = 64 << 20;

/// Opens files with their footers from the cache.
#[derive(Debug)]
pub(crate) struct Footers {
    files: CachedParquetFileReaderFactory,
    store: Arc<dyn ObjectStore>,
    cache: Arc<FileMetadataCache>,
}

impl Footers {
    /// Over local files, with the cache of the session's runtime.
    pub(crate) fn of(session: &dyn Session) -> Result<Self> {
        let runtime = session.runtime_env();
        let store = runtime.object_store(ObjectStoreUrl::local_filesystem())?;
        let cache = runtime.cache_manager.get_file_metadata_cache();
        let files = CachedParquetFileReaderFactory::new(Arc::clone(&store), Arc::clone(&cache));
        Ok(Self { files, store, cache })
    }
}

impl ParquetFileReaderFactory for Footers {
    fn create_reader(
        &self,
        partition: usize,
        file: PartitionedFile,
        hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let (store, cache, meta) = (Arc::clone(&self.store), Arc::clone(&self.cache), file.object_meta.clone());
        let bytes = self.files.create_reader(partition, file, hint, metrics)?;
        Ok(Box::new(OpenFile { bytes, store, cache, meta }))
    }
}

/// A file that is being read.
struct OpenFile {
    bytes: Box<dyn AsyncFileReader + Send>,
    store: Arc<dyn ObjectStore>,
    cache: Arc<FileMetadataCache>,
    meta: ObjectMeta,
}

impl AsyncFileReader for OpenFile {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ParquetResult<bytes::Bytes>> {
        self.bytes.get_bytes(range)
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, ParquetResult<Vec<bytes::Bytes>>> {
        self.bytes.get_byte_ranges(ranges)
    }

    fn get_metadata<'a>(
        &'a mut self,
        _: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, ParquetResult<Arc<ParquetMetaData>>> {
        async move {
            let footer = DFParquetMetadata::new(&self.store, &self.meta)
                .with_file_metadata_cache(Some(Arc::clone(&self.cache)))
                .with_page_index_policy(Some(PageIndexPolicy::Optional));
            footer.fetch_metadata().await.map_err(|cause| ParquetError::External(Box::new(cause)))
        }
        .boxed()
    }
}
