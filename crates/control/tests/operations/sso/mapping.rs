//! What the role mapping does to whoever signs in.

use super::{person, refusal};
use crate::support::Bench;
use control::{Actor, Error, keys, mapping, memberships, roles};
use model::change::Change;
use model::id::UserId;
use model::mapping::{Decision, RoleMapping};
use model::sso::SignInRefusal;
use model::user::User;
use serde_json::{Value, json};

fn from<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// Of `jo@example.com`, with these groups; `null`: the claim isn't there.
fn jo(groups: &Value) -> Value {
    let mut claims = person("jo", "jo@example.com");
    if !groups.is_null() {
        claims["groups"] = groups.clone();
    }
    claims
}

impl Bench {
    async fn map(&self, mapping: Value) -> RoleMapping {
        mapping::change(&self.control, &Actor::command_line(), from(mapping)).await.unwrap()
    }

    async fn user(&self, id: &UserId) -> User {
        self.control.store().user(id).await.unwrap().unwrap()
    }
}

fn company() -> Value {
    json!({
        "rules": [
            { "claim": "groups", "value": "admins", "role": "super_admin" },
            { "claim": "groups", "value": "helpdesk", "role": "user_admin" },
            { "claim": "groups", "value": "alpha", "tenants": ["alpha"] },
            { "claim": "groups", "value": "alpha-leads",
              "assignments": [{ "tenant_id": "alpha", "role": "user_admin" }] },
        ],
        "otherwise": { "type": "role", "role": "user" },
    })
}

async fn bench() -> Bench {
    let bench = Bench::new().await;
    bench.admin().await;
    for tenant in ["alpha", "beta"] {
        bench.tenant(tenant).await;
    }
    bench
}

#[tokio::test]
async fn it_wins_at_every_sign_in_over_what_was_set_by_hand() {
    let bench = bench().await;
    let idp = bench.idp("okta", json!({})).await;
    bench.map(company()).await;
    let signed_in = bench.signs_in(&idp, jo(&json!(["helpdesk", "alpha"]))).await;
    let id = signed_in.user.id.clone();
    assert_eq!(signed_in.user.role.as_str(), "user_admin", "the answer knows it already");
    assert_eq!(bench.user(&id).await.tenant_ids, ["alpha".parse().unwrap()]);
    let detail = bench.detail("session.start").await;
    assert_eq!(detail["mapping"]["decided_by"], json!({ "type": "rule", "number": 2 }));
    assert_eq!(detail["mapping"]["joined"], json!(["alpha"]));
    let managed = bench.control.store().managed(&id).await.unwrap().unwrap();
    assert_eq!((managed.source.as_str(), managed.decided_by), ("okta", Decision::Rule { number: 2 }));

    let shell = Actor::command_line();
    roles::set_role(&bench.control, &shell, &id, from(json!({ "role": "billing_admin" }))).await.unwrap();
    let beta = json!({ "user_id": id, "tenant_id": "beta" });
    memberships::add(&bench.control, &shell, from(beta)).await.unwrap();
    assert_eq!(bench.signs_in(&idp, jo(&json!(["helpdesk", "alpha"]))).await.user.role.as_str(), "user_admin");

    // Changed at the provider: the role goes, and the tenant that came with it; not the one that was given by hand.
    let key = json!({ "name": "k", "tenant_id": "alpha", "owner_id": id });
    let key = keys::create(&bench.control, &shell, from(key)).await.unwrap().key.id;
    let signed_in = bench.signs_in(&idp, jo(&json!(["something else"]))).await;
    assert_eq!(signed_in.user.role.as_str(), "user");
    assert_eq!(bench.user(&id).await.tenant_ids, ["beta".parse().unwrap()]);
    assert!(bench.published.0.lock().unwrap().contains(&Change::KeyRevoked { id: key }));
    let left = &bench.detail("session.start").await["mapping"]["left"];
    assert_eq!(*left, json!([{ "tenant_id": "alpha", "keys_revoked": [key] }]));
}

#[tokio::test]
async fn roles_in_tenants_come_and_go_with_the_claim() {
    let bench = bench().await;
    let idp = bench.idp("okta", json!({})).await;
    bench.map(company()).await;
    let id = bench.signs_in(&idp, jo(&json!(["alpha-leads"]))).await.user.id;
    let leads = bench.user(&id).await.assignments;
    assert_eq!(serde_json::to_value(&leads).unwrap(), json!([{ "tenant_id": "alpha", "role": "user_admin" }]));
    let given = json!({ "tenant_id": "alpha", "role": "billing_admin" });
    roles::assign(&bench.control, &Actor::command_line(), &id, from(given.clone())).await.unwrap();
    bench.signs_in(&idp, jo(&json!(["alpha"]))).await;
    let left = serde_json::to_value(bench.user(&id).await.assignments).unwrap();
    assert_eq!(left, json!([given]), "what was given by hand stays");
    bench.signs_in(&idp, jo(&json!([]))).await;
    assert!(bench.user(&id).await.tenant_ids.is_empty());
}

#[tokio::test]
async fn who_is_let_in_by_no_rule_leaves_nothing_behind() {
    let bench = bench().await;
    let idp = bench.idp("okta", json!({})).await;
    let mut strict = company();
    strict["otherwise"] = json!({ "type": "deny" });
    bench.map(strict).await;
    let before = bench.people().await;
    for groups in [Value::Null, json!([]), json!(["Admins"]), json!("admins,helpdesk")] {
        assert_eq!(bench.refused(&idp, jo(&groups)).await, SignInRefusal::NoAccess, "{groups}");
        assert_eq!(bench.audit().await.last().unwrap(), &("session.start".to_owned(), "failure".to_owned()));
    }
    assert_eq!(bench.people().await, before);
    // The same for somebody who was let in before.
    let id = bench.signs_in(&idp, jo(&json!(["helpdesk"]))).await.user.id;
    assert_eq!(refusal(bench.comes(&idp, jo(&json!([]))).await), SignInRefusal::NoAccess);
    assert_eq!(bench.user(&id).await.role.as_str(), "user_admin", "a refused sign-in changes nothing");
}

#[tokio::test]
async fn a_missing_claim_keeps_what_is_there_where_that_is_set() {
    let bench = bench().await;
    let idp = bench.idp("okta", json!({})).await;
    let mut kept = company();
    kept["missing_claim"] = json!("keep");
    bench.map(kept).await;
    assert_eq!(bench.signs_in(&idp, jo(&Value::Null)).await.user.role.as_str(), "user", "never an admin");
    bench.signs_in(&idp, jo(&json!(["helpdesk", "alpha"]))).await;
    let kept = bench.signs_in(&idp, jo(&Value::Null)).await.user;
    assert_eq!(kept.role.as_str(), "user_admin");
    assert_eq!(kept.tenant_ids, ["alpha".parse().unwrap()]);
}

#[tokio::test]
async fn the_last_super_admin_stays_one() {
    let bench = Bench::new().await;
    bench.tenant("alpha").await;
    let idp = bench.idp("okta", json!({})).await;
    bench.map(company()).await;
    assert_eq!(bench.signs_in(&idp, jo(&json!(["admins"]))).await.user.role.as_str(), "super_admin");
    let demoted = bench.signs_in(&idp, jo(&json!(["helpdesk"]))).await.user;
    assert_eq!(demoted.role.as_str(), "super_admin", "nobody could undo it");
    bench.admin().await;
    assert_eq!(bench.signs_in(&idp, jo(&json!(["helpdesk"]))).await.user.role.as_str(), "user_admin");
}

#[tokio::test]
async fn nobody_locks_themselves_out() {
    let bench = bench().await;
    let idp = bench.idp("okta", json!({})).await;
    bench.map(company()).await;
    let editor = bench.signs_in(&idp, jo(&json!(["admins"]))).await.user.id;
    let editor = bench.actor(&editor).await;
    let change = async |mapping: Value| mapping::change(&bench.control, &editor, from(mapping)).await;
    let lockout = |result: Result<RoleMapping, Error>| match result {
        Err(Error::Conflict { code: "would_lock_out", detail }) => detail.into_owned(),
        other => panic!("{other:?}"),
    };
    let rule = |value: &str, role: &str| json!({ "claim": "groups", "value": value, "role": role });
    let why = lockout(change(json!({ "rules": [rule("admins", "user_admin")] })).await);
    assert!(why.starts_with("Rule 1 would make you user_admin at your next sign-in with okta"), "{why}");
    let denied = json!({ "rules": [rule("others", "user")], "otherwise": { "type": "deny" } });
    assert!(lockout(change(denied).await).contains("refuse your sign-in"));
    let other_claim = json!({ "rules": [{ "claim": "roles", "value": "x", "role": "user" }] });
    assert!(lockout(change(other_claim).await).contains("missing claims"));
    let lowest = json!({ "rules": [rule("x", "user")], "otherwise": { "type": "role", "role": "user" } });
    assert!(lockout(change(lowest).await).contains("make you user"));
    assert_eq!(serde_json::to_value(bench.control.store().role_mapping().await.unwrap()).unwrap()["rules"]
        .as_array().unwrap().len(), 4, "nothing was saved");

    // Rules for others, and none at all, are theirs to make.
    change(json!({ "rules": [rule("admins", "super_admin"), rule("x", "user")] })).await.unwrap();
    let elsewhere = json!({ "claim": "roles", "value": "x", "role": "user", "identity_provider": "auth0" });
    change(json!({ "rules": [elsewhere] })).await.unwrap();
    change(json!({ "rules": [] })).await.unwrap();
}
