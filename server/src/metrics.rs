//! `/metrics` for Prometheus, on its own address and nowhere else.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use gateway::Gateway;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use std::fmt;
use std::sync::Arc;

/// The route.
pub(crate) fn router(gateway: Arc<Gateway>) -> Router {
    let mut registry = Registry::with_prefix("gatehouse");
    registry.register_collector(Box::new(DataPlane(gateway)));
    Router::new().route("/metrics", get(answer)).with_state(Arc::new(registry))
}

async fn answer(State(registry): State<Arc<Registry>>) -> impl IntoResponse {
    let mut text = String::new();
    // Writing into a String can't fail.
    encode(&mut text, &registry).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
}

/// Reads the data plane's counters when asked.
struct DataPlane(Arc<Gateway>);

impl fmt::Debug for DataPlane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataPlane")
    }
}

impl Collector for DataPlane {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let snapshot = self.0.metrics();
        let mut family = encoder.encode_descriptor(
            "requests",
            "Requests under /v1 by status class",
            None,
            MetricType::Counter,
        )?;
        for (class, count) in
            ["1xx", "2xx", "3xx", "4xx", "5xx"].iter().zip(snapshot.requests_by_status_class)
        {
            ConstCounter::new(count).encode(family.encode_family(&[("class", *class)])?)?;
        }
        let mut family = encoder.encode_descriptor(
            "requests_refused",
            "Requests refused or failed by code",
            None,
            MetricType::Counter,
        )?;
        for (code, count) in &snapshot.refused_by_code {
            ConstCounter::new(*count).encode(family.encode_family(&[("code", *code)])?)?;
        }
        let counters = [
            ("requests_cut", "Requests cut by a change or by expiry", snapshot.requests_cut),
            ("upstream_errors", "Attempts that failed at the upstream", snapshot.upstream_errors),
            ("directory_hits", "Keys found compiled", snapshot.directory_hits),
            ("directory_misses", "Keys that had to be loaded", snapshot.directory_misses),
        ];
        for (name, help, count) in counters {
            let counter = ConstCounter::new(count);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        let gauges = [
            ("live_requests", "Requests running now", snapshot.live_requests),
            ("spool_backlog", "Usage rows that the ledger hasn't taken yet", snapshot.spool_backlog),
            ("directory_entries", "Keys kept compiled", snapshot.directory_entries),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        Ok(())
    }
}
