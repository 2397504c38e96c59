//! Credentials: hostile ones, and which answer tells what.

use crate::support::{CHAT, ECHO, World, owned_by, revoked};
use model::UserId;
use model::tenant::TenantStatus;
use model::time::Entropy;
use model::user::UserStatus;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends raw bytes as a header's value; gives the whole answer.
async fn raw(world: &World, name: &str, value: &[u8]) -> String {
    let mut stream = TcpStream::connect(world.gateway.local_addr()).await.unwrap();
    let mut request =
        format!("GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{name}: ").into_bytes();
    request.extend_from_slice(value);
    request.extend_from_slice(b"\r\n\r\n");
    stream.write_all(&request).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn hostile_values_get_the_401_of_an_unknown_key() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let mut values: Vec<Vec<u8>> = (0..key.len()).map(|at| key.as_bytes()[..at].to_vec()).collect();
    values.extend(
        (0..40u8).map(|seed| (0..66u8).map(|at| seed.wrapping_mul(31).wrapping_add(at) | 0x80).collect()),
    );
    values.push([b"sk_prod_".to_vec(), vec![0xff; 58]].concat());
    values.push(format!("{key}{key}").into_bytes());
    values.push(format!("' OR '{key}'='").into_bytes());
    values.push(vec![b'a'; 30_000]);
    for value in values {
        for name in ["authorization", "x-api-key", "api-key"] {
            let value = if name == "authorization" { [b"Bearer ", &*value].concat() } else { value.clone() };
            let answer = raw(&world, name, &value).await;
            assert!(answer.starts_with("HTTP/1.1 401"), "{name} {value:?}: {answer}");
            assert!(answer.contains("invalid_api_key"));
        }
    }
    assert_eq!(world.source.loads.load(std::sync::atomic::Ordering::SeqCst), 0, "nothing was looked up");
    assert!(raw(&world, "api-key", key.as_bytes()).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn two_keys_and_keys_in_urls_are_refused() {
    let world = World::new().await;
    let ((one, _), (two, _)) = (world.plain_key(), world.plain_key());
    let reply = world.call("GET", "/v1/models", &[("x-api-key", &one), ("api-key", &two)], "").await;
    assert_eq!((reply.status.as_u16(), &*reply.code()), (400, "conflicting_credentials"));
    let reply = world.call("GET", "/v1/models", &[("x-api-key", &one), ("api-key", &one)], "").await;
    assert_eq!(reply.status, 200);
    let reply = world.call("GET", &format!("/v1/models?api_key={one}"), &[("x-api-key", &one)], "").await;
    assert_eq!((reply.status.as_u16(), &*reply.code()), (400, "credential_in_url"));
    assert!(!reply.body.contains(&one));
}

#[tokio::test]
async fn a_reason_is_named_only_after_the_right_secret() {
    let world = World::new().await;
    let user = UserId::generate(|bytes| world.entropy.fill(bytes));
    let keys = [
        ("key_revoked", world.key(|record| record.key.state = revoked())),
        ("key_expired", world.key(|record| record.key.expires_at = Some(crate::support::noon()))),
        ("tenant_suspended", world.key(|record| record.tenant_status = TenantStatus::Suspended)),
        (
            "owner_inactive",
            world.key(|record| {
                owned_by(record, &user);
                record.owner.as_mut().unwrap().status = UserStatus::Inactive;
            }),
        ),
        (
            "owner_inactive",
            world.key(|record| {
                owned_by(record, &user);
                record.owner.as_mut().unwrap().member = false;
            }),
        ),
        (
            "owner_inactive",
            world.key(|record| {
                owned_by(record, &user);
                record.owner = None;
            }),
        ),
    ];
    let unknown = world.key(|record| record.key.name = "gone".into());
    world.source.records.lock().unwrap().remove(&unknown.1);
    let unknown = world.chat(&unknown.0, ECHO).await;
    assert_eq!(unknown.code(), "invalid_api_key");
    for (code, (key, id)) in keys {
        let reply = world.chat(&key, ECHO).await;
        assert_eq!((reply.status.as_u16(), &*reply.code()), (401, code));
        // The same record with another secret: as unknown as can be.
        let epoch = world.commit(id, |record| record.secrets[0].hash = [7; 32]);
        world.gateway.apply(epoch, &[model::change::Change::Key { id }]).await;
        let wrong = world.chat(&key, ECHO).await;
        assert_eq!((wrong.status, wrong.body), (unknown.status, unknown.body.clone()));
    }
}

#[tokio::test]
async fn expiry_is_read_from_the_clock() {
    let world = World::new().await;
    let end = crate::support::noon().after(Duration::from_secs(10));
    let (key, _) = world.key(|record| record.key.expires_at = Some(end));
    assert_eq!(world.chat(&key, ECHO).await.status, 200);
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(world.chat(&key, ECHO).await.code(), "key_expired");
}

#[tokio::test]
async fn an_unsure_state_refuses() {
    let world = World::with(|config| config.state_bound = Duration::from_millis(300)).await;
    let (key, _) = world.plain_key();
    assert_eq!(world.chat(&key, ECHO).await.status, 200);
    tokio::time::sleep(Duration::from_millis(400)).await;
    let reply = world.chat(&key, ECHO).await;
    assert_eq!((reply.status.as_u16(), &*reply.code()), (503, "state_unavailable"));
    assert_eq!(world.chat("nonsense", ECHO).await.status, 401);
    world.gateway.confirm(model::change::Epoch(1));
    assert_eq!(world.chat(&key, ECHO).await.status, 200);

    let (other, _) = world.plain_key();
    world.source.down.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(world.chat(&other, ECHO).await.code(), "state_unavailable");
    world.source.down.store(false, std::sync::atomic::Ordering::SeqCst);
    world.gateway.confirm(model::change::Epoch(1));
    assert_eq!(world.call("POST", CHAT, &[("x-api-key", &other)], ECHO).await.status, 200);
}

#[tokio::test]
async fn one_key_is_loaded_once_however_many_ask() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    world.source.gated.store(true, std::sync::atomic::Ordering::SeqCst);
    let all = futures_util::future::join_all((0..50).map(|_| world.chat(&key, ECHO)));
    let open = async {
        crate::support::until("load", || world.source.loads.load(std::sync::atomic::Ordering::SeqCst) > 0)
            .await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.source.gate.add_permits(100);
    };
    let (replies, ()) = tokio::join!(all, open);
    assert!(replies.iter().all(|reply| reply.status == 200));
    assert_eq!(world.source.loads.load(std::sync::atomic::Ordering::SeqCst), 1);
}
