//! What SCIM clients do with accounts and groups, on both databases.

use crate::support::Bench;
use control::scim::{Caller, Error, Precondition, groups, users};
use control::{Actor, keys, mapping, sign_in};
use identity::scim::list::Query;
use identity::scim::projection::Projection;
use identity::scim::schema::{GROUPS, Schema, USERS};
use model::UserId;
use model::change::Change;
use model::key::{KeyStatus, NewKey};
use model::role::BuiltInRole;
use model::user::{UserSource, UserStatus};
use serde_json::{Value, json};

#[track_caller]
fn status<T: std::fmt::Debug>(result: Result<T, Error>, expected: u16) -> String {
    let error = result.unwrap_err().to_scim("correlation");
    assert_eq!(error.status, expected, "{error}");
    error.detail.into_owned()
}

fn query(schema: &'static Schema, filter: &str) -> Query {
    Query::parse(schema, |name| (name == "filter").then(|| filter.to_owned())).unwrap()
}

fn active(to: Value) -> Value {
    json!({ "Operations": [{ "op": "Replace", "path": "active", "value": to }] })
}

async fn account(bench: &Bench, id: &str) -> model::user::User {
    let id: UserId = id.parse().unwrap();
    bench.control.store().user(&id).await.unwrap().unwrap()
}

async fn names(bench: &Bench, caller: &Caller, filter: &str) -> Vec<String> {
    let listed = users::list(&bench.control, caller, &query(&USERS, filter)).await.unwrap();
    assert_eq!(listed.total, listed.resources.len());
    listed.resources.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect()
}

async fn a_person_comes_changes_leaves_and_comes_back(bench: &Bench) {
    let control = &bench.control;
    let (_, caller) = bench.scim_client(json!({ "name": "Okta" })).await;
    let (_, other) = bench.scim_client(json!({ "name": "Entra" })).await;
    let enterprise = identity::scim::ENTERPRISE_USER;
    let ada = json!({
        "userName": "Ada@Example.com", "externalId": "1", "name": { "givenName": "Ada", "familyName": "L" },
        "title": "Countess", "password": "canary password", enterprise: { "department": "Engines" },
    });
    let made = users::create(control, &caller, &ada).await.unwrap();
    let user = account(bench, &made.id).await;
    assert_eq!(
        (user.name.as_str(), user.email.as_str(), user.source),
        ("Ada L", "Ada@Example.com", UserSource::Scim)
    );
    assert_eq!((user.role.as_str(), user.organization_unit.as_deref()), ("user", Some("Engines")));
    assert_eq!((&made.resource["title"], &made.resource["active"]), (&json!("Countess"), &json!(true)));
    assert_eq!(made.resource.get("password"), None);

    // The client's own id is never one of ours, whatever it is.
    let bob = json!({ "userName": "bob@example.com", "externalId": made.id });
    let bob = users::create(control, &caller, &bob).await.unwrap();
    assert_ne!(bob.id, made.id);
    for (resource, why) in [
        (json!({ "userName": "ADA@example.com" }), "userName"),
        (json!({ "userName": "new@example.com", "externalId": "1" }), "externalId"),
        (json!({ "userName": "ada", "emails": [{ "value": "ada@example.com" }] }), "e-mail"),
    ] {
        assert!(status(users::create(control, &caller, &resource).await, 409).contains(why));
    }
    status(users::create(control, &caller, &json!({ "userName": "no address" })).await, 400);
    // Another client knows nothing of them.
    assert_eq!(names(bench, &other, "").await, [] as [String; 0]);
    status(users::read(control, &other, &made.id).await, 404);
    status(users::patch(control, &other, &made.id, &active(json!(false)), None).await, 404);
    status(users::delete(control, &other, &made.id, None).await, 404);
    for id in ["", "1", "usr_AAAAAAAAAAAAAAAA", "'--"] {
        status(users::read(control, &caller, id).await, 404);
    }

    assert_eq!(names(bench, &caller, "").await.len(), 2);
    for filter in [
        r#"userName eq "ada@example.com""#,
        r#"externalId eq "1""#,
        r#"name.familyName eq "l" and active eq true"#,
        &format!(r#"id eq "{}""#, made.id),
    ] {
        assert_eq!(names(bench, &caller, filter).await, ["Ada@Example.com"], "{filter}");
    }

    let stale = Precondition::parse("W/\"0\"");
    let title = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "Lady" }] });
    status(users::patch(control, &caller, &made.id, &title, Some(&stale)).await, 412);
    let current = Precondition::parse(&made.version);
    let changed = users::patch(control, &caller, &made.id, &title, Some(&current)).await.unwrap();
    assert_ne!(changed.version, made.version);
    let rows = bench.audit().await.len();
    let same = users::patch(control, &caller, &made.id, &title, None).await.unwrap();
    assert_eq!((same.version, bench.audit().await.len()), (changed.version, rows), "nothing changed");
    assert_eq!(bench.detail("user.update").await["attributes"], json!(["title"]));
    status(
        users::replace(control, &caller, &bob.id, &json!({ "userName": "ada@example.com" }), None).await,
        409,
    );

    // Gone: keys, sessions, the account.
    let owner: UserId = made.id.parse().unwrap();
    let new: NewKey = serde_json::from_value(json!({ "name": "k", "owner": owner })).unwrap();
    let shell = Actor::command_line();
    let key = keys::create(control, &shell, new).await.unwrap().key.id;
    let gone = users::patch(control, &caller, &made.id, &active(json!("False")), None).await.unwrap();
    assert_eq!(gone.resource["active"], false);
    assert_eq!(keys::read(control, &shell, &key).await.unwrap().key.status, KeyStatus::Revoked);
    assert_eq!(account(bench, &made.id).await.status, UserStatus::Inactive);
    let detail = bench.detail("user.offboard").await;
    assert_eq!(detail["taken_away"]["keys_revoked"], json!([key]));
    let carried = bench.changes();
    assert!(carried.contains(&Change::KeyRevoked { id: key }));
    assert_eq!(carried.last(), Some(&Change::User { id: owner, inactive: true }));
    // A change of something else is no word on whether they may act.
    users::patch(
        control,
        &caller,
        &made.id,
        &json!({ "Operations": [{ "op": "remove", "path": "title" }] }),
        None,
    )
    .await
    .unwrap();
    assert_eq!(account(bench, &made.id).await.status, UserStatus::Inactive);
    users::replace(control, &caller, &made.id, &json!({ "userName": "ada@example.com" }), None)
        .await
        .unwrap();
    assert_eq!(account(bench, &made.id).await.status, UserStatus::Inactive);

    comes_back(bench, (&caller, &other), &made.id, (&key, &ada)).await;
}

/// Set Active again, deleted, and provisioned anew.
async fn comes_back(
    bench: &Bench,
    (caller, other): (&Caller, &Caller),
    id: &str,
    (key, ada): (&model::KeyId, &Value),
) {
    let (control, shell) = (&bench.control, Actor::command_line());
    let back = users::patch(control, caller, id, &active(json!(true)), None).await.unwrap();
    assert_eq!(
        (&back.resource["active"], account(bench, id).await.status),
        (&json!(true), UserStatus::Active)
    );
    assert_eq!(keys::read(control, &shell, key).await.unwrap().key.status, KeyStatus::Revoked);

    users::delete(control, caller, id, None).await.unwrap();
    assert_eq!(account(bench, id).await.status, UserStatus::Inactive, "the account stays");
    status(users::read(control, caller, id).await, 404);
    status(users::delete(control, caller, id, None).await, 404);
    assert_eq!(names(bench, caller, "").await, ["bob@example.com"]);
    status(users::create(control, other, ada).await, 409);
    let again = users::create(control, caller, ada).await.unwrap();
    assert_eq!(again.id, id);
    assert_eq!(account(bench, id).await.status, UserStatus::Active);
}

async fn what_is_there_already(bench: &Bench) {
    let control = &bench.control;
    let admin = bench.admin().await;
    let dev = bench.account("dev@example.com", BuiltInRole::ModelAdmin).await;
    let dev = dev.user().unwrap().id.clone();
    let (_, shy) = bench.scim_client(json!({ "name": "shy" })).await;
    let (id, bold) = bench.scim_client(json!({ "name": "bold", "adopt_existing": true })).await;
    let (_, next) = bench.scim_client(json!({ "name": "next", "adopt_existing": true })).await;
    let resource = json!({ "userName": "DEV@example.com", "displayName": "Dev" });
    status(users::create(control, &shy, &resource).await, 409);
    let adopted = users::create(control, &bold, &resource).await.unwrap();
    let user = account(bench, &adopted.id).await;
    assert_eq!((&user.id, user.source, user.name.as_str()), (&dev, UserSource::Scim, "Dev"));
    assert_eq!(user.role, BuiltInRole::ModelAdmin, "roles are none of its business");
    assert_eq!(bench.audit().await.last().unwrap().0, "user.adopt");
    status(users::create(control, &next, &resource).await, 409);
    control::scim::revoke(control, &admin, &id, None).await.unwrap();
    assert_eq!(users::create(control, &next, &resource).await.unwrap().id, adopted.id);

    // A super_admin is nobody's to provision.
    let boss = json!({ "userName": "admin@example.com", "active": false });
    status(users::create(control, &shy, &boss).await, 409);
    assert!(status(users::create(control, &next, &boss).await, 403).contains("super_admin"));
    bench.set_role(&bench.actor(&dev).await, "super_admin").await;
    for refused in [
        users::patch(control, &next, &adopted.id, &active(json!(false)), None).await.map(drop),
        users::replace(control, &next, &adopted.id, &resource, None).await.map(drop),
        users::delete(control, &next, &adopted.id, None).await,
    ] {
        status(refused, 403);
    }
    assert_eq!(account(bench, &adopted.id).await.status, UserStatus::Active);
    assert!(bench.audit().await.contains(&("user.offboard".to_owned(), "denied".to_owned())));
}

async fn who_is_in_a_group(bench: &Bench) {
    let control = &bench.control;
    let (_, caller) = bench.scim_client(json!({ "name": "Okta" })).await;
    let (_, other) = bench.scim_client(json!({ "name": "Entra" })).await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        let user = json!({ "userName": format!("{name}@example.com") });
        ids.push(users::create(control, &caller, &user).await.unwrap().id);
    }
    let foreign = users::create(control, &other, &json!({ "userName": "x@example.com" })).await.unwrap().id;
    let members = |ids: &[&String]| json!(ids.iter().map(|id| json!({ "value": id })).collect::<Vec<_>>());
    for unknown in [&foreign, &"usr_AAAAAAAAAAAAAAAA".to_owned(), &"1".to_owned()] {
        let group = json!({ "displayName": "Eng", "members": members(&[unknown]) });
        status(groups::create(control, &caller, &group).await, 400);
    }
    let group = json!({ "displayName": "Eng", "externalId": "e", "members": members(&[&ids[0]]) });
    let made = groups::create(control, &caller, &group).await.unwrap();
    assert_eq!(made.resource["members"][0]["value"], json!(ids[0]));
    status(groups::create(control, &caller, &json!({ "displayName": "ENG" })).await, 409);
    status(groups::create(control, &caller, &json!({ "displayName": "Ops", "externalId": "e" })).await, 409);
    groups::create(control, &other, &json!({ "displayName": "Eng" })).await.unwrap();
    status(groups::read(control, &other, &made.id, &Projection::default()).await, 404);
    let of_ada = users::read(control, &caller, &ids[0]).await.unwrap();
    assert_eq!(of_ada.resource["groups"][0]["display"], "Eng");

    let push = json!({ "Operations": [
        { "op": "add", "path": "members", "value": members(&[&ids[1], &ids[2]]) },
        { "op": "remove", "path": format!("members[value eq \"{}\"]", ids[0]) },
        { "op": "replace", "value": { "displayName": "Engineers" } },
    ] });
    let pushed =
        groups::patch(control, &caller, &made.id, &push, Some(&Precondition::parse(&made.version))).await;
    let pushed = pushed.unwrap();
    assert_eq!(pushed.resource["members"].as_array().unwrap().len(), 2);
    let detail = bench.detail("scim_group.update").await;
    assert_eq!(
        (&detail["members"]["added_count"], &detail["members"]["removed"]),
        (&json!(2), &json!([ids[0]]))
    );
    let rows = bench.audit().await.len();
    groups::patch(control, &caller, &made.id, &push, None).await.unwrap();
    assert_eq!(bench.audit().await.len(), rows, "nothing changed");
    status(
        groups::patch(control, &caller, &made.id, &push, Some(&Precondition::parse(&made.version))).await,
        412,
    );

    let listed =
        async |filter: &str| groups::list(control, &caller, &query(&GROUPS, filter)).await.unwrap().resources;
    assert_eq!(listed(r#"displayName eq "engineers""#).await.len(), 1);
    let by_member = format!(r#"members[value eq "{}"]"#, ids[1]);
    assert_eq!(listed(&by_member).await.len(), 1);
    assert_eq!(
        users::list(control, &caller, &query(&USERS, r#"groups.display eq "Engineers""#))
            .await
            .unwrap()
            .total,
        2
    );

    // Who is deleted is in no group any more.
    users::delete(control, &caller, &ids[1], None).await.unwrap();
    let left = groups::read(control, &caller, &made.id, &Projection::default()).await.unwrap();
    assert_eq!(left.resource["members"].as_array().unwrap().len(), 1);
    let emptied =
        groups::replace(control, &caller, &made.id, &json!({ "displayName": "Engineers" }), None).await;
    assert_eq!(emptied.unwrap().resource.get("members"), None);
    groups::delete(control, &caller, &made.id, None).await.unwrap();
    status(groups::read(control, &caller, &made.id, &Projection::default()).await, 404);
    status(groups::delete(control, &caller, &made.id, None).await, 404);
}

async fn groups_are_mapped_as_claims_are(bench: &Bench) {
    let (control, shell) = (&bench.control, Actor::command_line());
    bench.tenant("alpha").await;
    let rule = |value: &str, gives: Value| {
        let mut rule = json!({ "claim": "groups", "value": value });
        rule.as_object_mut().unwrap().extend(gives.as_object().unwrap().clone());
        rule
    };
    let rules = json!({
        "rules": [
            rule("Of Okta", json!({ "role": "model_admin", "identity_provider": "okta" })),
            rule("Helpdesk", json!({ "role": "user_admin" })),
            rule("Alpha", json!({ "tenants": ["alpha"] })),
        ],
        "otherwise": { "type": "deny" },
    });
    mapping::change(control, &shell, serde_json::from_value(rules).unwrap()).await.unwrap();
    let (_, caller) = bench.scim_client(json!({ "name": "Okta" })).await;
    let id = users::create(control, &caller, &json!({ "userName": "a@example.com" })).await.unwrap().id;
    let group = async |name: &str| {
        let group = json!({ "displayName": name, "members": [{ "value": id }] });
        groups::create(control, &caller, &group).await.unwrap().id
    };
    let has = async || account(bench, &id).await.role.to_string();
    group("Of Okta").await;
    assert_eq!(has().await, "user", "that rule is about what Okta says at a sign-in");
    let helpdesk = group("Helpdesk").await;
    assert_eq!(has().await, "user_admin");
    assert_eq!(bench.detail("scim_group.create").await["mapped"][&id]["decided_by"]["number"], 2);
    let alpha = group("Alpha").await;
    let tenants = async || account(bench, &id).await.tenant_ids.len();
    assert_eq!(tenants().await, 2, "beside the one that it was made in");
    let key: NewKey =
        serde_json::from_value(json!({ "name": "k", "tenant_id": "alpha", "owner": id })).unwrap();
    let key = keys::create(control, &shell, key).await.unwrap().key.id;

    groups::delete(control, &caller, &alpha, None).await.unwrap();
    assert_eq!(tenants().await, 1);
    assert!(bench.published.0.lock().unwrap().contains(&Change::KeyRevoked { id: key }));
    let emptied = json!({ "Operations": [{ "op": "remove", "path": "members" }] });
    groups::patch(control, &caller, &helpdesk, &emptied, None).await.unwrap();
    assert_eq!(has().await, "user", "there is no sign-in to refuse: the lowest is left");
}

async fn who_was_deactivated_cannot_sign_in(bench: &Bench) {
    let control = &bench.control;
    bench.account("dev@example.com", BuiltInRole::User).await;
    let (_, caller) = bench.scim_client(json!({ "name": "Okta", "adopt_existing": true })).await;
    let user = users::create(control, &caller, &json!({ "userName": "dev@example.com" })).await.unwrap();
    let sign_in = async || {
        let password = control::Password::new(crate::support::PASSWORD.to_owned());
        sign_in::sign_in(control, "dev@example.com", password, &control::Client::default()).await
    };
    assert!(sign_in().await.is_ok());
    users::patch(control, &caller, &user.id, &active(json!(false)), None).await.unwrap();
    assert!(matches!(sign_in().await, Err(control::Error::InvalidCredentials)));
    assert_eq!(account(bench, &user.id).await.status, UserStatus::Inactive, "trying doesn't reactivate");
}

macro_rules! on_both {
    ($($case:ident),*) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $case() {
                super::$case(&super::Bench::new().await).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let Some(bench) = super::Bench::postgres().await else { return };
                super::$case(&bench).await;
                bench.control.store().close().await;
            })*
        }
    };
}

on_both! {
    a_person_comes_changes_leaves_and_comes_back,
    what_is_there_already,
    who_is_in_a_group,
    groups_are_mapped_as_claims_are,
    who_was_deactivated_cannot_sign_in
}
