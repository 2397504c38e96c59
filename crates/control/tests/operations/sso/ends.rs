//! How sessions end that were begun at a provider, and how passwords are switched off without locking anybody out.

use super::{Idp, person};
use crate::support::{Bench, PASSWORD};
use control::sign_in::{Subject, sign_in};
use control::sso::{LogoutRefused, back_channel_logout, set_password_sign_in, sign_out_url};
use control::{Actor, Client, Error, Password};
use model::role::BuiltInRole;
use serde_json::{Value, json};

/// A session as the edge keeps it.
async fn keep(bench: &Bench, nth: u8, subject: &Subject) {
    let now = bench.control.now();
    let provider = subject.provider.as_ref().unwrap();
    let row = store::SessionRow {
        id_hash: [nth; 32],
        user_id: Some(subject.user_id.clone()),
        identity_provider_id: Some(provider.provider_id.clone()),
        provider_sid: provider.sid.clone(),
        data: "{}".to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.after(std::time::Duration::from_hours(1)),
    };
    assert!(bench.control.store().create_session(&row).await.unwrap());
}

async fn told(
    bench: &Bench,
    idp: &Idp,
    subject: Option<&str>,
    session: Option<&str>,
    changes: Value,
) -> bool {
    let token = idp.provider.logout_token(subject, session, changes);
    match back_channel_logout(&bench.control, &idp.name, &token, &Client::default()).await {
        Ok(()) => true,
        Err(LogoutRefused::Token) => false,
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_providers_word_ends_sessions_at_once() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    let other = bench.idp("other", json!({})).await;
    let jo = bench.signs_in(&idp, person("jo", "jo@example.com")).await.subject;
    let ada = bench.signs_in(&idp, person("ada", "ada@example.com")).await.subject;
    let sessions = async || bench.number("SELECT COUNT(*) FROM sessions").await;
    let fill = async || {
        bench.raw("DELETE FROM sessions").await;
        keep(&bench, 1, &jo).await;
        let mut second = jo.clone();
        second.provider.as_mut().unwrap().sid = Some("another".to_owned());
        keep(&bench, 2, &second).await;
        keep(&bench, 3, &ada).await;
        assert_eq!(sessions().await, 3);
    };
    let cases = [
        (Some("jo"), None, 1),
        (None, Some("session-of-jo"), 2),
        (Some("jo"), Some("session-of-jo"), 2),
        (Some("ada"), Some("session-of-jo"), 3),
        (Some("jo"), Some("nobodys"), 3),
        (Some("nobody"), None, 3),
        (Some("nobody"), Some("session-of-jo"), 3),
    ];
    for (subject, session, left) in cases {
        fill().await;
        assert!(told(&bench, &idp, subject, session, json!({})).await);
        assert_eq!(sessions().await, left, "{subject:?} {session:?}");
    }
    fill().await;
    // A provider speaks for its own sessions only.
    assert!(told(&bench, &other, None, Some("session-of-jo"), json!({})).await);
    assert!(told(&bench, &other, Some("jo"), None, json!({})).await);
    for bad in [
        json!({ "aud": "x" }),
        json!({ "iss": "https://other.example" }),
        json!({ "nonce": "x" }),
        json!({ "events": null }),
        json!({ "exp": null }),
    ] {
        assert!(!told(&bench, &idp, Some("jo"), None, bad.clone()).await, "{bad}");
    }
    assert_eq!(sessions().await, 3);
    let token = idp.provider.logout_token(Some("ada"), None, json!({}));
    let client = Client::default();
    assert!(back_channel_logout(&bench.control, &idp.name, &token, &client).await.is_ok());
    assert_eq!(sessions().await, 2);
    keep(&bench, 3, &ada).await;
    assert!(back_channel_logout(&bench.control, &idp.name, &token, &client).await.is_err(), "taken once");
    assert_eq!(sessions().await, 3);
    let rows = bench.audit().await;
    let written = |result: &str| {
        rows.iter().filter(|(action, found)| action == "session.provider_logout" && found == result).count()
    };
    assert_eq!((written("success"), written("failure")), (10, 6));
}

#[tokio::test]
async fn unlinking_and_switching_off_end_what_was_begun_there() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    let hand = Actor::command_line();
    let jo = bench.signs_in(&idp, person("jo", "jo@example.com")).await.subject;
    keep(&bench, 1, &jo).await;
    let identities = control::sso::identities(&bench.control, &hand, &jo.user_id).await.unwrap();
    control::sso::unlink(&bench.control, &hand, &jo.user_id, &identities[0].id).await.unwrap();
    assert_eq!(bench.number("SELECT COUNT(*) FROM sessions").await, 0);
    let again = control::sso::unlink(&bench.control, &hand, &jo.user_id, &identities[0].id).await;
    assert!(matches!(again, Err(Error::NotFound)));

    let ada = bench.signs_in(&idp, person("ada", "ada@example.com")).await.subject;
    keep(&bench, 2, &ada).await;
    let off = serde_json::from_value(json!({ "enabled": false })).unwrap();
    control::sso::providers::change(&bench.control, &hand, &idp.name, off).await.unwrap();
    assert_eq!(bench.number("SELECT COUNT(*) FROM sessions").await, 0);
    assert_eq!(bench.detail("identity_provider.update").await["sessions_ended"], 1);
}

#[tokio::test]
async fn who_leaves_us_is_sent_to_leave_the_provider() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    let jo = bench.signs_in(&idp, person("jo", "jo@example.com")).await;
    let actor = bench.present(&jo.subject).await.unwrap();
    let url = sign_out_url(&bench.control, &actor, "https://gw.example").await.unwrap().unwrap();
    assert!(url.starts_with("https://okta.example/logout?id_token_hint=ey"), "{url}");
    assert!(url.ends_with("post_logout_redirect_uri=https%3A%2F%2Fgw.example%2Flogin"), "{url}");
    let stored = serde_json::to_string(&jo.subject).unwrap();
    let hint = url.split(['=', '&']).nth(1).unwrap();
    assert!(!stored.contains(hint), "sealed in the session");
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    assert_eq!(sign_out_url(&bench.control, &dev, "https://gw.example").await.unwrap(), None);
}

#[tokio::test]
async fn passwords_go_off_only_for_who_gets_in_without() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let idp = bench.idp("okta", json!({})).await;
    let (control, hand) = (&bench.control, Actor::command_line());
    let enters = async || {
        sign_in(control, "admin@example.com", Password::new(PASSWORD.to_owned()), &Client::default()).await
    };
    for locked_out in [&admin, &hand] {
        let refused = set_password_sign_in(control, locked_out, false).await;
        assert!(
            matches!(refused, Err(Error::Conflict { code: "sign_in_with_provider_first", .. })),
            "{refused:?}"
        );
    }
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    assert!(matches!(set_password_sign_in(control, &dev, true).await, Err(Error::Forbidden(_))));

    let jo = bench.signs_in(&idp, person("jo", "jo@example.com")).await.subject;
    let actor = bench.present(&jo).await.unwrap();
    bench.set_role(&actor, "super_admin").await;
    let actor = bench.present(&jo).await.unwrap();
    set_password_sign_in(control, &actor, false).await.unwrap();
    assert!(matches!(enters().await, Err(Error::PasswordsOff)));
    let unknown =
        sign_in(control, "nobody@example.com", Password::new("x".to_owned()), &Client::default()).await;
    assert!(matches!(unknown, Err(Error::PasswordsOff)), "the same for everybody");
    assert!(!control::sso::sign_in_options(control).await.unwrap().password);

    // The last way in stays.
    let off = || serde_json::from_value(json!({ "enabled": false })).unwrap();
    for refused in [
        control::sso::providers::change(control, &actor, &idp.name, off()).await.map(drop),
        control::sso::providers::remove(control, &actor, &idp.name).await,
    ] {
        assert!(matches!(refused, Err(Error::Conflict { code: "last_way_in", .. })), "{refused:?}");
    }
    let second = bench.idp("second", json!({})).await;
    control::sso::providers::change(control, &hand, &idp.name, off()).await.unwrap();
    let gone = control::sso::providers::remove(control, &hand, &second.name).await;
    assert!(gone.is_err());

    // A link, and the shell, still lead in.
    let link = control::users::reset_link(control, &hand, &admin.user().unwrap().id).await.unwrap();
    let new = Password::new("another long password of hers".to_owned());
    let used =
        control::sign_in::use_account_link(control, link.token.expose(), new, &Client::default()).await;
    assert!(used.is_ok());
    set_password_sign_in(control, &hand, true).await.unwrap();
    let new = Password::new("another long password of hers".to_owned());
    assert!(sign_in(control, "admin@example.com", new, &Client::default()).await.is_ok());
}
