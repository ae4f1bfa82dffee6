//! What is there: rows per table, and who sends.
//!
//! In: an access. Out: the parts of the API's status that are about one project's rows.

use futures::future::try_join_all;
use pellucid_model::Result;
use serde_json::{Map, Value as Json, json};

use crate::engine::{Access, Engine, Reading};

/// Most senders listed.
const MAX_SENDERS: usize = 100;

impl Engine {
    /// `{"rows":{"spans","logs","metrics"},"senders":[{"service_name","sdk","last_seen","spans"}]}`.
    pub async fn status(&self, access: &Access) -> Result<Json> {
        let session = self.session(access, Reading::Sums)?;
        let counts = ["spans", "logs", "metrics"].map(|table| {
            let session = &session;
            async move {
                let frame = session.rows(&format!("SELECT count(*) FROM {table}"), Vec::new()).await?;
                let count = frame.rows.first().and_then(|row| row.first()).cloned().unwrap_or_else(|| Json::from(0));
                Ok::<_, pellucid_model::Error>((table.to_owned(), count))
            }
        });
        let rows: Map<String, Json> = try_join_all(counts).await?.into_iter().collect();
        let sql = format!(
            "SELECT service_name, max(resource_attributes['telemetry.sdk.name']) AS sdk, max(received_at) AS last_seen, \
             count(*) AS spans FROM spans GROUP BY service_name ORDER BY last_seen DESC LIMIT {MAX_SENDERS}"
        );
        let senders: Vec<Json> = session.objects(&sql, Vec::new()).await?.into_iter().map(Json::Object).collect();
        Ok(json!({ "rows": rows, "senders": senders }))
    }
}
