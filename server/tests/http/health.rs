//! `/healthz`, `/readyz`, and `/metrics`, which is on its own address only.

use crate::client::Ask;
use crate::support::{Place, eventually, free_port};

#[tokio::test]
async fn a_serving_node_is_alive_and_ready_for_anybody() {
    let place = Place::new();
    let server = place.serve().await;
    for (path, says) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let reply = server.get(path).ask().await;
        assert_eq!((reply.status, reply.text.as_str()), (200, says));
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert!(reply.set_cookie().is_none());
    }
    assert_eq!(server.post("/healthz").master().ask().await.status, 405);
}

#[tokio::test]
async fn metrics_are_on_their_own_address_and_nowhere_else() {
    let port = free_port();
    let place = Place::new().with("GATEHOUSE__METRICS__LISTEN", &format!("127.0.0.1:{port}"));
    let server = place.serve().await;
    let (_, secret) = server.plain_key("counted").await;
    assert_eq!(server.chat(&secret, "one", false).ask().await.status, 200);
    server.chat("rk_prod_nobody", "two", false).ask().await.refusal(401, "invalid_api_key");

    assert_eq!(server.get("/metrics").ask().await.status, 404);
    assert_eq!(server.get("/metrics").master().ask().await.status, 404);
    let address = format!("http://127.0.0.1:{port}/metrics");
    let text = eventually("the request is counted", async || {
        let text = reqwest::get(&address).await.unwrap().text().await.unwrap();
        text.contains("gatehouse_requests_total{class=\"2xx\"} 1").then_some(text)
    })
    .await;
    assert!(text.contains("gatehouse_requests_total{class=\"4xx\"} 1"), "{text}");
    assert!(text.contains("gatehouse_requests_refused_total{code=\"invalid_api_key\"} 1"), "{text}");
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert!(!text.contains(&secret) && !text.contains(&secret[8..20]), "no key and no id is a label: {text}");
}

#[tokio::test]
async fn pages_can_be_switched_off() {
    let place = Place::new().with("GATEHOUSE__IDENTITY__ENABLED", "false");
    let server = place.serve().await;
    for path in ["/", "/login", "/admin/users", "/api/session/viewer"] {
        server.get(path).ask().await.problem(404, "not_found");
    }
    assert_eq!(server.get("/admin/api/v1/tenants").master().ask().await.status, 200);
    assert_eq!(server.get("/healthz").ask().await.status, 200);
}
