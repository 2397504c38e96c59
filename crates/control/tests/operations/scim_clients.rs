//! SCIM clients: who may make them, what their tokens open, and when they end.

use crate::support::Bench;
use control::scim::{authenticate, create, list, provisioning_log, read, revoke, users as provisioned};
use control::{Actor, Client, Error, management_keys, scim, users};
use model::key_token::{KeySecret, assemble_scim};
use model::page::PageRequest;
use model::role::BuiltInRole;
use model::scim::{NewScimClient, ProvisioningFilter, ProvisioningResult, ScimClientFilter};
use model::user::{UserChange, UserStatus};
use serde_json::{Value, json};

fn new(fields: Value) -> NewScimClient {
    serde_json::from_value(fields).unwrap()
}

fn okta() -> NewScimClient {
    new(json!({ "name": "Okta" }))
}

#[track_caller]
fn lacks<T: std::fmt::Debug>(result: Result<T, Error>, missing: &str) {
    assert!(matches!(&result, Err(Error::Forbidden(lacked)) if lacked.to_string() == missing), "{result:?}");
}

async fn refused(bench: &Bench, token: &str) {
    let answer = authenticate(&bench.control, token, Client::default()).await;
    assert!(matches!(answer, Err(Error::Unauthenticated)), "{answer:?}");
}

#[tokio::test]
async fn who_may_make_and_see_them() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let admin = bench.admin().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let page = PageRequest::default();
    lacks(create(control, &dev, okta()).await, "sso:write");
    lacks(list(control, &dev, &ScimClientFilter::default(), &page).await, "sso:read");
    lacks(provisioning_log(control, &dev, &ProvisioningFilter::default(), &page).await, "sso:read");
    lacks(create(control, &helper, okta()).await, "sso:write");
    // Nobody gives what they lack: a token writes accounts.
    bench.role("sso", &["sso:read", "sso:write"]).await;
    let dev = bench.set_role(&dev, "sso").await;
    lacks(create(control, &dev, okta()).await, "users:write");
    assert!(bench.audit().await.contains(&("scim_client.create".to_owned(), "denied".to_owned())));

    for bad in [json!({ "name": "" }), json!({ "name": "x".repeat(101) })] {
        assert!(matches!(create(control, &admin, new(bad)).await, Err(Error::Invalid(_))));
    }
    let made = create(control, &admin, okta()).await.unwrap();
    assert!(made.secret.starts_with(made.client.id.as_str()) && made.secret.len() == 55);
    assert!(!format!("{made:?}").contains(&made.secret[17..49]));
    assert_eq!(made.client.created_by, "admin@example.com");
    assert!(!bench.audit_text().await.contains(&made.secret[17..49]), "the token is in the audit log");
    let listed = list(control, &helper, &ScimClientFilter::default(), &page).await.unwrap();
    assert_eq!((listed.items.len(), &listed.items[0]), (1, &made.client));
    lacks(revoke(control, &helper, &made.client.id, None).await, "sso:write");
    let unknown = "scim_AAAAAAAAAAAA".parse().unwrap();
    assert!(matches!(read(control, &admin, &unknown).await, Err(Error::NotFound)));
    assert!(matches!(revoke(control, &admin, &unknown, None).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_token_opens_this_door_only_and_no_other_opens_it() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let admin = bench.admin().await;
    let made = create(control, &admin, okta()).await.unwrap();
    let forged = assemble_scim(&made.client.id, &KeySecret::generate(|bytes| bytes.fill(7)));
    let key = json!({ "name": "m", "permissions": ["users:write", "users:read"] });
    let key = management_keys::create(control, &admin, serde_json::from_value(key).unwrap()).await.unwrap();
    for token in ["", "x", &forged, &made.secret[..54], &key.secret] {
        refused(&bench, token).await;
    }
    let elsewhere =
        management_keys::actor_of_bearer(control, &made.secret, |_| false, Client::default()).await;
    assert!(matches!(elsewhere, Err(Error::Unauthenticated)));
    let caller = bench.scim_caller(&made.secret).await;
    assert_eq!(caller.client().id, made.client.id);

    // What was under way when the token was revoked comes to nothing.
    let revoked = revoke(control, &admin, &made.client.id, Some("leaked")).await.unwrap();
    assert_eq!(
        (revoked.revoked_by.as_deref(), revoked.revoke_reason.as_deref()),
        (Some("admin@example.com"), Some("leaked"))
    );
    refused(&bench, &made.secret).await;
    let late = provisioned::create(control, &caller, &json!({ "userName": "late@example.com" })).await;
    assert!(matches!(late, Err(scim::Error::Control(Error::Unauthenticated))));
    let rows = bench.audit().await.len();
    revoke(control, &admin, &made.client.id, None).await.unwrap();
    assert_eq!(bench.audit().await.len(), rows, "again is nothing");
    let hidden = list(control, &admin, &ScimClientFilter::default(), &PageRequest::default()).await.unwrap();
    assert_eq!((hidden.items.len(), hidden.hidden.count), (0, 1));
}

#[tokio::test]
async fn a_client_ends_with_whoever_made_it() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let admin = bench.admin().await;
    bench.role("provisioner", &["sso:read", "sso:write", "users:read", "users:write"]).await;
    let maker = bench.account("maker@example.com", BuiltInRole::User).await;
    let maker = bench.set_role(&maker, "provisioner").await;
    let made = create(control, &maker, okta()).await.unwrap();
    let id = maker.user().unwrap().id.clone();
    let caller = bench.scim_caller(&made.secret).await;
    provisioned::create(control, &caller, &json!({ "userName": "a@example.com" })).await.unwrap();

    // It never may more than they may now.
    bench.set_role(&maker, "user").await;
    let caller = bench.scim_caller(&made.secret).await;
    let error = provisioned::read(control, &caller, "usr_AAAAAAAAAAAAAAAA").await.unwrap_err();
    assert_eq!(error.to_scim("x").status, 403);
    let denied = provisioned::create(control, &caller, &json!({ "userName": "b@example.com" })).await;
    assert!(matches!(denied, Err(scim::Error::Control(Error::Forbidden(_)))));

    let off = UserChange { status: UserStatus::Inactive, reason: None };
    users::set_status(control, &admin, &id, off).await.unwrap();
    refused(&bench, &made.secret).await;
    let on = UserChange { status: UserStatus::Active, reason: None };
    users::set_status(control, &admin, &id, on).await.unwrap();
    bench.scim_caller(&made.secret).await;

    let inventory = users::inventory(control, &admin, &id).await.unwrap();
    assert_eq!(inventory.scim_clients.iter().map(|client| &client.id).collect::<Vec<_>>(), [&made.client.id]);
    let done = users::offboard(control, &admin, &id, None).await.unwrap();
    assert_eq!(done.scim_clients_revoked.first(), Some(&made.client.id));
    let on = UserChange { status: UserStatus::Active, reason: None };
    users::set_status(control, &admin, &id, on).await.unwrap();
    refused(&bench, &made.secret).await;
    let after = read(control, &admin, &made.client.id).await.unwrap();
    assert_eq!(after.revoke_reason.as_deref(), Some("the owner was offboarded"));
}

#[tokio::test]
async fn the_log_says_what_came_of_it() {
    let bench = Bench::new().await;
    let control = &bench.control;
    let (id, caller) = bench.scim_client(json!({ "name": "Okta" })).await;
    let made = provisioned::create(control, &caller, &json!({ "userName": "a@example.com" })).await.unwrap();
    let refused = provisioned::create(control, &caller, &json!({ "userName": "A@example.com" })).await;
    assert_eq!(refused.unwrap_err().to_scim("x").status, 409);
    let off = json!({ "Operations": [{ "op": "replace", "value": { "active": false } }] });
    provisioned::patch(control, &caller, &made.id, &off, None).await.unwrap();
    let shell = Actor::command_line();
    let log = async |filter: Value| {
        let filter: ProvisioningFilter = serde_json::from_value(filter).unwrap();
        provisioning_log(control, &shell, &filter, &PageRequest::default()).await.unwrap()
    };
    let all = log(json!({})).await;
    assert_eq!(all.total.count, 3);
    let lines: Vec<_> =
        all.items.iter().map(|line| (line.operation.as_str(), line.result, line.status)).collect();
    // All at one moment of the bench's clock: their order is that of random ids.
    for line in [
        ("create", ProvisioningResult::Success, 201),
        ("create", ProvisioningResult::Failure, 409),
        ("patch", ProvisioningResult::Success, 200),
    ] {
        assert!(lines.contains(&line), "{lines:?}");
    }
    let failed = log(json!({ "client_id": id, "result": "failure" })).await.items;
    assert_eq!(
        (failed.len(), failed[0].resource_name.as_str(), failed[0].client_name.as_str()),
        (1, "A@example.com", "Okta")
    );
    assert!(failed[0].detail.contains("already"), "{}", failed[0].detail);
    let said = all.items.iter().find(|line| line.operation.as_str() == "patch").unwrap();
    assert!(said.detail.starts_with("offboarded: 0 keys revoked"), "{}", said.detail);
    assert_eq!(log(json!({ "client_id": "scim_AAAAAAAAAAAA" })).await.items.len(), 0);
    bench.control.store().trim_provisioning_log(control.now(), 1).await.unwrap();
}
