//! Calls that have no cost, by model.
//!
//! In: an access and a period. Out: the API's list, and why there is no cost: no price, or nothing to multiply it with.

use pellucid_model::Result;
use serde_json::{Value as Json, json};

use crate::engine::{Access, Engine, Reading};
use crate::filter::{Where, Window};

/// Most models listed.
const MAX_MODELS: usize = 1_000;

impl Engine {
    /// `{"items":[{"model","provider","reason","calls","input_tokens","output_tokens","first_seen","last_seen"}],"calls"}`.
    ///
    /// Failed calls that told of no tokens are left out: nobody bills them.
    pub async fn unpriced(&self, access: &Access, window: Window) -> Result<Json> {
        let session = self.session(access, Reading::Sums)?;
        let mut condition = Where::window(window)?;
        condition.and("cost_usd IS NULL");
        condition.and("NOT (status = 'error' AND input_tokens IS NULL AND output_tokens IS NULL)");
        let sql = format!(
            "SELECT coalesce(response_model, request_model) AS model, provider, \
             CASE WHEN kind <> 'rerank' AND (input_tokens IS NULL OR (kind = 'llm' AND output_tokens IS NULL)) \
             THEN 'no_tokens' ELSE 'no_price' END AS reason, count(*) AS calls, \
             sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, \
             min(start_time) AS first_seen, max(start_time) AS last_seen \
             FROM llm_calls WHERE {} GROUP BY 1, 2, 3 ORDER BY calls DESC, model, provider, reason LIMIT {MAX_MODELS}",
            condition.sql()
        );
        let rows = session.objects(&sql, condition.params()).await?;
        let calls: i64 = rows.iter().filter_map(|row| row.get("calls")?.as_i64()).sum();
        let items: Vec<Json> = rows.into_iter().map(Json::Object).collect();
        Ok(json!({ "items": items, "calls": calls }))
    }
}

#[cfg(test)]
mod tests {
    use pellucid_store::Table;

    use super::*;
    use crate::testing::{Rows, access, call, window, with};

    #[tokio::test]
    async fn models_without_a_cost_are_counted_with_the_reason() {
        let free = json!({"cost_usd": null, "request_model": "m", "response_model": null, "provider": "p",
            "input_tokens": 10, "output_tokens": 5});
        let more = |change: Json| with(free.clone(), change);
        let rows = [
            call("a", 1, 1, 0),
            with(call("a", 1, 2, 1), free.clone()),
            with(call("a", 1, 3, 2), free.clone()),
            with(call("a", 1, 4, 3), more(json!({"output_tokens": null}))),
            with(call("a", 1, 5, 4), more(json!({"status": "error", "input_tokens": null, "output_tokens": null}))),
            with(call("a", 1, 6, 5), more(json!({"kind": "embedding", "response_model": "e", "output_tokens": null}))),
            with(call("a", 1, 7, 500), free.clone()),
            with(call("b", 1, 8, 1), free.clone()),
        ];
        let engine = Rows::default().memory(Table::Spans, &rows).engine();
        let list = engine.unpriced(&access("a"), window(0, 100)).await.unwrap();
        assert_eq!(list["calls"], 4);
        let of = |item: &Json| (item["model"].clone(), item["reason"].clone(), item["calls"].clone());
        let items: Vec<_> = list["items"].as_array().unwrap().iter().map(of).collect();
        let want = [("m", "no_price", 2), ("e", "no_price", 1), ("m", "no_tokens", 1)];
        assert_eq!(items, want.map(|(model, reason, calls)| (json!(model), json!(reason), json!(calls))));
        assert_eq!((&list["items"][0]["input_tokens"], &list["items"][0]["provider"]), (&json!(20), &json!("p")));
        assert!(engine.unpriced(&access("a"), window(5, 5)).await.is_err());
    }
}
