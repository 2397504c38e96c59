//! An issuer's keys over the wire: what is taken for a key set, what isn't, and what holds while there is none to be had.

use crate::script::{Step, Upstream, answer, say};
use crate::support::{CHAT, ECHO, Reply, World};
use identity::end_user::MAX_JWKS_BYTES;
use model::change::Epoch;
use model::identity::{IdentityRules, JwtRules};
use serde_json::Value;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// The set that verifies [`token`].
const SET: &str = include_str!("../../../identity/tests/keys/jwks.json");

/// A token of the issuer, good until 2027.
fn token() -> String {
    let tokens: Value =
        serde_json::from_str(include_str!("../../../identity/tests/keys/tokens.json")).unwrap();
    tokens["ES256"].as_str().unwrap().to_owned()
}

/// A key that believes tokens by the set at `url` only.
fn believing(world: &World, url: &str, allow_private_addresses: bool) -> String {
    let jwt = JwtRules {
        jwks_url: Some(url.to_owned()),
        issuers: vec!["https://issuer.example/".into()],
        audiences: vec!["gateway".into()],
        allow_private_addresses,
        ..JwtRules::default()
    };
    let rules = IdentityRules { enforce: true, jwt: Some(jwt), ..IdentityRules::default() };
    world.key(|record| record.key.scope.identity = rules).0
}

fn at(issuer: &Upstream) -> String {
    format!("http://{}/keys", issuer.address)
}

async fn call(world: &World, key: &str) -> Reply {
    world.call("POST", CHAT, &[("x-api-key", key), ("x-user-token", &token())], ECHO).await
}

#[track_caller]
fn assert_refused(reply: &Reply, case: &str) {
    assert_eq!((reply.status.as_u16(), &*reply.code()), (401, "invalid_identity_token"), "{case}");
}

/// Moves the clock, with the database still there.
fn later(world: &World, by: Duration) {
    world.clock.advance(by);
    world.gateway.confirm(Epoch(1));
}

#[tokio::test]
async fn they_are_fetched_once_with_nothing_of_the_callers() {
    let world = World::new().await;
    let issuer = Upstream::start(answer(200, "application/json", SET)).await;
    let key = believing(&world, &at(&issuer), true);
    for _ in 0..3 {
        let reply = call(&world, &key).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    assert!(world.rows(3).await.iter().all(|row| row.identity.is_some()));
    assert_eq!(issuer.seen(), 1);
    let (head, body) = issuer.requests.lock().unwrap().remove(0);
    assert!(head.starts_with("get /keys http/1.1\r\n"), "{head}");
    assert_eq!(body, "");
    for never in ["authorization", "api-key", "cookie", "x-user-token", &key.to_lowercase()] {
        assert!(!head.contains(never), "{never} in {head}");
    }
}

#[tokio::test]
async fn nothing_else_is_taken_for_a_key_set() {
    let world = World::new().await;
    // Whoever follows a redirect finds the right keys.
    let elsewhere = Upstream::start(answer(200, "application/json", SET)).await;
    let moved = |status: u16| {
        let to = format!("http://{}/keys", elsewhere.address);
        vec![say(&format!("HTTP/1.1 {status} X\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"))]
    };
    let spaces = " ".repeat(MAX_JWKS_BYTES);
    let half = format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n{SET}", SET.len() + 1);
    let cases = [
        ("a redirect", moved(302)),
        ("a redirect for good", moved(308)),
        ("keys with an error", answer(500, "application/json", SET)),
        ("keys that aren't there", answer(404, "application/json", SET)),
        ("no whole answer", vec![say(&half), Step::Close]),
        ("right keys and more than is read", answer(200, "application/json", &format!("{SET}{spaces}"))),
        ("a page", answer(200, "text/html", "<html><title>Sign in</title></html>")),
        ("another shape", answer(200, "application/json", r#"{"keys":{"p256":{}}}"#)),
        ("no keys", answer(200, "application/json", r#"{"keys":[]}"#)),
        ("nothing", vec![Step::Close]),
    ];
    for (case, script) in cases {
        let issuer = Upstream::start(script).await;
        let key = believing(&world, &at(&issuer), true);
        assert_refused(&call(&world, &key).await, case);
        // Nor is the issuer asked for each token that comes meanwhile.
        let asked = issuer.seen();
        assert_refused(&call(&world, &key).await, case);
        assert_eq!(issuer.seen(), asked, "{case}");
    }
    assert_eq!(elsewhere.seen(), 0);
}

#[tokio::test]
async fn an_answer_without_end_is_cut() {
    let world = World::new().await;
    let head = "HTTP/1.1 200 X\r\ncontent-type: application/json\r\n\r\n";
    let issuer = Upstream::start(vec![say(head), Step::Flood(vec![b' '; 65_536])]).await;
    let key = believing(&world, &at(&issuer), true);
    assert_refused(&call(&world, &key).await, "a flood");
    crate::support::until("the connection is given up", || issuer.open.load(SeqCst) == 0).await;
    // What was on its way fits into the buffers of two sockets.
    let written = issuer.written.load(SeqCst);
    assert!(written < MAX_JWKS_BYTES + 16 * 1_024 * 1_024, "{written}");
}

#[tokio::test]
async fn a_slow_issuer_is_given_up_after_ten_seconds() {
    let world = World::new().await;
    let half = format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n{{", SET.len());
    let issuer = Upstream::start(vec![say(&half), Step::Hang]).await;
    let key = believing(&world, &at(&issuer), true);
    let begin = Instant::now();
    assert_refused(&call(&world, &key).await, "half an answer");
    assert!((9..30).contains(&begin.elapsed().as_secs()), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn inside_addresses_are_refused_unless_allowed() {
    let world = World::new().await;
    let issuer = Upstream::start(answer(200, "application/json", SET)).await;
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
        let url = format!("https://{host}:{}/keys", issuer.address.port());
        assert_refused(&call(&world, &believing(&world, &url, false)).await, host);
    }
    assert_eq!(issuer.accepted.load(SeqCst), 0);
}

#[tokio::test]
async fn old_keys_hold_for_a_day_while_the_issuer_is_away() {
    let world = World::new().await;
    let mut script = vec![Step::CloseWhenAskedAgain];
    script.extend(answer(200, "application/json", SET));
    let issuer = Upstream::start(script).await;
    let key = believing(&world, &at(&issuer), true);
    assert_eq!(call(&world, &key).await.status, 200);

    // No longer fresh: asked for again beside the request, in vain.
    later(&world, Duration::from_mins(11));
    assert_eq!(call(&world, &key).await.status, 200);
    crate::support::until("the issuer is asked again", || issuer.seen() >= 2).await;
    assert_eq!(call(&world, &key).await.status, 200);
    later(&world, Duration::from_hours(23));
    assert_eq!(call(&world, &key).await.status, 200);

    // A key that was withdrawn meanwhile mustn't be believed for ever.
    later(&world, Duration::from_hours(1));
    assert_refused(&call(&world, &key).await, "after a day");
}
