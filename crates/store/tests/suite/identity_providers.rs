//! Identity providers, identities, attempts to sign in, logout tokens, the switch for passwords.

use crate::bed::{Bed, at, commit, user, user_id};
use model::sso::{ClaimsFrom, IdentityProvider, Linking, Preset};
use model::{IdentityId, IdentityProviderId};
use store::{AttemptPurpose, Error, IdentitySeen, SessionRow, SignInAttempt};

fn id(n: u8) -> IdentityProviderId {
    format!("idp_{n:016}").parse().unwrap()
}

fn identity_id(n: u8) -> IdentityId {
    format!("idn_{n:016}").parse().unwrap()
}

fn provider(n: u8) -> IdentityProvider {
    IdentityProvider {
        id: id(n),
        name: format!("provider-{n}").parse().unwrap(),
        title: format!("Provider {n}"),
        preset: Preset::Auth0,
        issuer: format!("https://{n}.example/"),
        client_id: "client".to_owned(),
        has_client_secret: true,
        scopes: vec!["openid".to_owned()],
        allowed_domains: vec!["example.com".to_owned()],
        linking: Linking::VerifiedEmail,
        claims_from: ClaimsFrom::Userinfo,
        allow_private_addresses: true,
        enabled: true,
        created_at: at(1),
    }
}

async fn add(bed: &Bed, n: u8) {
    let mut tx = bed.begin().await;
    tx.insert_identity_provider(&provider(n), Some(b"sealed")).await.unwrap();
    commit(tx).await;
}

pub(crate) async fn a_provider_comes_back_as_written(bed: &Bed) {
    let store = &bed.store;
    add(bed, 1).await;
    let stored = store.identity_provider(&provider(1).name).await.unwrap().unwrap();
    assert_eq!(
        (stored.provider, stored.sealed_client_secret.as_deref()),
        (provider(1), Some(&b"sealed"[..]))
    );
    let mut tx = bed.begin().await;
    let taken = tx.insert_identity_provider(&IdentityProvider { id: id(2), ..provider(1) }, None).await;
    assert!(matches!(taken, Err(Error::Conflict { what: "id" })), "{taken:?}");
    assert!(!tx.has_other_enabled_provider(&id(1)).await.unwrap());
    tx.insert_identity_provider(&provider(2), None).await.unwrap();
    assert!(tx.has_other_enabled_provider(&id(1)).await.unwrap());
    let off =
        IdentityProvider { title: "A".to_owned(), enabled: false, has_client_secret: false, ..provider(2) };
    tx.update_identity_provider(&off, None).await.unwrap();
    assert!(!tx.has_other_enabled_provider(&id(1)).await.unwrap(), "switched off");
    commit(tx).await;
    assert_eq!(store.identity_providers().await.unwrap(), [off, provider(1)], "by title");
    let mut tx = bed.begin().await;
    tx.delete_identity_provider(&id(1)).await.unwrap();
    assert!(tx.identity_provider_with(&id(1)).await.unwrap().is_none());
    commit(tx).await;
}

pub(crate) async fn an_identity_is_issuer_and_subject(bed: &Bed) {
    let store = &bed.store;
    bed.add_user(&user(1)).await;
    bed.add_user(&user(2)).await;
    add(bed, 1).await;
    let provider_id = id(1);
    let seen =
        |email, second| IdentitySeen { provider: &provider_id, email, claims: r#"{"a":1}"#, at: at(second) };
    let mut tx = bed.begin().await;
    tx.insert_identity(&identity_id(1), &user_id(1), "https://a", "s", &seen(Some("x@y"), 5)).await.unwrap();
    let taken = tx.insert_identity(&identity_id(2), &user_id(2), "https://a", "s", &seen(None, 6)).await;
    assert!(matches!(taken, Err(Error::Conflict { what: "identity" })), "{taken:?}");
    for (n, issuer, subject) in [(3, "https://b", "s"), (4, "https://a", "S")] {
        tx.insert_identity(&identity_id(n), &user_id(2), issuer, subject, &seen(None, 6)).await.unwrap();
    }
    commit(tx).await;
    let found = store.identity("https://a", "s").await.unwrap().unwrap();
    assert_eq!((found.user_id, found.email.as_deref()), (user_id(1), Some("x@y")));
    assert_eq!(found.provider, Some(provider(1).name));
    assert_eq!(store.identity("https://a", "").await.unwrap(), None);
    assert_eq!(store.identities_of(&user_id(2)).await.unwrap().len(), 2);
    assert_eq!(store.claims_of(&identity_id(1)).await.unwrap().as_deref(), Some(r#"{"a":1}"#));

    let mut tx = bed.begin().await;
    tx.touch_identity(&identity_id(1), &seen(None, 9)).await.unwrap();
    let touched = tx.identity("https://a", "s").await.unwrap().unwrap();
    assert_eq!((touched.email, touched.created_at, touched.last_sign_in_at), (None, at(5), Some(at(9))));
    assert!(!tx.delete_identity(&user_id(2), &identity_id(1)).await.unwrap(), "somebody else's");
    assert!(tx.delete_identity(&user_id(2), &identity_id(3)).await.unwrap());
    assert_eq!(tx.user_id_by_email(&user(1).email.to_uppercase()).await.unwrap(), Some(user_id(1)));
    // Without its provider it stays who it is.
    tx.delete_identity_provider(&provider_id).await.unwrap();
    commit(tx).await;
    assert_eq!(store.identity("https://a", "s").await.unwrap().unwrap().provider, None);
}

pub(crate) async fn an_attempt_is_taken_once(bed: &Bed) {
    let store = &bed.store;
    add(bed, 1).await;
    let attempt = SignInAttempt {
        provider_id: id(1),
        purpose: AttemptPurpose::SignIn,
        user_id: None,
        nonce_hash: [3; 32],
        sealed_verifier: vec![4; 9],
        next: Some("/console".to_owned()),
        network: Some("192.0.2.0/24".to_owned()),
        created_at: at(0),
        expires_at: at(600),
    };
    for n in 1..=3 {
        store.insert_attempt(&[n; 32], &[9; 32], &attempt).await.unwrap();
    }
    assert_eq!(store.count_attempts("192.0.2.0/24", at(599)).await.unwrap(), 3);
    assert_eq!(store.count_attempts("192.0.2.0/24", at(600)).await.unwrap(), 0);
    let take = async |n: u8, state: u8, provider: u8, now: u64| {
        store.take_attempt(&[n; 32], &[state; 32], &id(provider), at(now)).await.unwrap()
    };
    assert!(take(1, 8, 1, 0).await.is_none(), "another state");
    assert!(take(1, 9, 2, 0).await.is_none(), "another provider");
    let taken = take(1, 9, 1, 599).await.unwrap();
    assert_eq!((taken.nonce_hash, taken.next.as_deref()), ([3; 32], Some("/console")));
    assert!(take(1, 9, 1, 599).await.is_none(), "once");
    assert!(take(2, 9, 1, 600).await.is_none(), "too late, and gone");
    assert!(take(2, 9, 1, 0).await.is_none());
    assert_eq!(store.sweep_attempts(at(600)).await.unwrap(), 1);
}

pub(crate) async fn a_provider_ends_its_own_sessions(bed: &Bed) {
    let store = &bed.store;
    bed.add_user(&user(1)).await;
    bed.add_user(&user(2)).await;
    for (n, owner, provider, sid) in [
        (1, 1, Some(1), Some("a")),
        (2, 1, Some(1), None),
        (3, 2, Some(1), Some("a")),
        (4, 1, Some(2), Some("a")),
        (5, 1, None, None),
    ] {
        let session = SessionRow {
            id_hash: [n; 32],
            user_id: Some(user_id(owner)),
            identity_provider_id: provider.map(id),
            provider_sid: sid.map(str::to_owned),
            data: "{}".to_owned(),
            created_at: at(0),
            last_seen_at: at(0),
            expires_at: at(100),
        };
        assert!(store.create_session(&session).await.unwrap());
        assert_eq!(store.session(&[n; 32]).await.unwrap(), Some(session));
    }
    let left = async || bed.number("SELECT COUNT(*) FROM sessions").await;
    let mut tx = bed.begin().await;
    assert!(tx.take_logout_token(&[1; 32], at(100)).await.unwrap());
    assert!(!tx.take_logout_token(&[1; 32], at(200)).await.unwrap(), "once");
    assert_eq!(
        tx.delete_provider_session(&id(1), "a", Some(&user_id(1))).await.unwrap(),
        2,
        "one has no name"
    );
    assert_eq!(tx.delete_provider_session(&id(1), "b", None).await.unwrap(), 0);
    assert_eq!(tx.delete_provider_session(&id(1), "a", None).await.unwrap(), 1);
    assert_eq!(tx.delete_sessions_of_provider(&id(2), Some(&user_id(2))).await.unwrap(), 0);
    assert_eq!(tx.delete_sessions_of_provider(&id(2), None).await.unwrap(), 1);
    commit(tx).await;
    assert_eq!(left().await, 1, "what no provider began");
    assert_eq!(store.sweep_attempts(at(100)).await.unwrap(), 1);
}

pub(crate) async fn passwords_are_switched(bed: &Bed) {
    let store = &bed.store;
    for on in [false, false, true, true] {
        let mut tx = bed.begin().await;
        tx.set_takes_passwords(on).await.unwrap();
        assert_eq!(tx.takes_passwords().await.unwrap(), on);
        commit(tx).await;
        assert_eq!(store.takes_passwords().await.unwrap(), on);
    }
}
