//! Role mapping: who may change it, what it may give, and trying it out.

use crate::support::Bench;
use control::{Actor, Error, mapping, users};
use model::mapping::{Decision, RoleMapping, SimulationRequest};
use model::role::BuiltInRole;
use serde_json::{Value, json};

fn rules(rules: Value) -> RoleMapping {
    serde_json::from_value(json!({ "rules": rules })).unwrap()
}

fn try_out(fields: Value) -> SimulationRequest {
    serde_json::from_value(fields).unwrap()
}

#[track_caller]
fn fields<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<String> {
    let Err(Error::Invalid(errors)) = result else { panic!("{result:?}") };
    errors.into_iter().map(|error| error.field.into_owned()).collect()
}

#[tokio::test]
async fn only_who_may_write_sso_changes_it() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let control = &bench.control;
    let staff = rules(json!([{ "claim": "groups", "value": "staff", "role": "user" }]));
    for (role, reads) in [(BuiltInRole::UserAdmin, true), (BuiltInRole::BillingAdmin, false)] {
        let other = bench.account(&format!("{}@example.com", role.as_str()), role).await;
        let role = role.as_str();
        assert_eq!(mapping::read(control, &other).await.is_ok(), reads, "{role}");
        let tried = mapping::simulate(control, &other, try_out(json!({ "claims": "{}" }))).await;
        assert_eq!(tried.is_ok(), reads, "{role}");
        let refused = mapping::change(control, &other, staff.clone()).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{role}: {refused:?}");
        assert_eq!(
            bench.audit().await.last().unwrap(),
            &("role_mapping.update".to_owned(), "denied".to_owned())
        );
    }
    assert_eq!(mapping::read(control, &admin).await.unwrap(), RoleMapping::default());
    assert_eq!(mapping::change(control, &admin, staff.clone()).await.unwrap(), staff);
    let rows = bench.audit().await.len();
    mapping::change(control, &admin, staff.clone()).await.unwrap();
    assert_eq!(bench.audit().await.len(), rows, "nothing changed");
    assert_eq!(bench.detail("role_mapping.update").await["after"]["rules"][0]["value"], "staff");
    assert_eq!(mapping::read(control, &admin).await.unwrap(), staff);
}

#[tokio::test]
async fn nobody_maps_to_what_they_lack() {
    let bench = Bench::new().await;
    bench.admin().await;
    let control = &bench.control;
    bench.role("gatekeeper", &["sso:*", "roles:assign", "keys:read"]).await;
    bench.role("reader", &["keys:read"]).await;
    let keeper = bench.member("keeper@example.com", &[]).await;
    let keeper = bench.set_role(&keeper, "gatekeeper").await;
    let to = |role: &str| rules(json!([{ "claim": "groups", "value": "x", "role": role }]));
    mapping::change(control, &keeper, to("reader")).await.unwrap();
    for role in ["super_admin", "billing_admin"] {
        let refused = mapping::change(control, &keeper, to(role)).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{role}: {refused:?}");
        let otherwise = json!({ "rules": [], "otherwise": { "type": "role", "role": role } });
        let refused = mapping::change(control, &keeper, serde_json::from_value(otherwise).unwrap()).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{role}: {refused:?}");
        let given = json!([{ "tenant_id": "default", "role": role }]);
        let in_tenant = rules(json!([{ "claim": "groups", "value": "x", "assignments": given }]));
        let refused = mapping::change(control, &keeper, in_tenant).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{role}: {refused:?}");
    }
    // What was there before, somebody above has answered for.
    mapping::change(control, &Actor::command_line(), to("billing_admin")).await.unwrap();
    let mut more = to("billing_admin");
    more.rules.extend(to("reader").rules);
    mapping::change(control, &keeper, more).await.unwrap();
}

#[tokio::test]
async fn names_that_are_not_there_are_told_by_their_place() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let bad = json!({
        "rules": [
            { "claim": "groups", "value": "x", "role": "user" },
            { "claim": "groups", "value": "x", "role": "nothing", "tenants": ["nowhere"] },
            { "claim": "groups", "value": "x", "assignments": [{ "tenant_id": "default", "role": "model_admin" }] },
        ],
        "otherwise": { "type": "role", "role": "none" },
    });
    let refused = mapping::change(&bench.control, &admin, serde_json::from_value(bad).unwrap()).await;
    let wrong = fields(refused);
    assert_eq!(wrong[..3], ["otherwise.role", "rules[1].role", "rules[1].tenants"], "{wrong:?}");
    assert_eq!(mapping::read(&bench.control, &admin).await.unwrap(), RoleMapping::default());
}

#[tokio::test]
async fn a_simulation_takes_the_saved_one_or_another() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let control = &bench.control;
    let saved = rules(json!([{ "claim": "groups", "value": "staff", "role": "user" }]));
    mapping::change(control, &admin, saved).await.unwrap();
    let rows = bench.audit().await.len();
    let role = async |mapping: Value, claims: &str| {
        let request = try_out(json!({ "mapping": mapping, "identity_provider": "okta", "claims": claims }));
        let came_out = mapping::simulate(control, &admin, request).await.unwrap();
        serde_json::to_value(came_out.outcome).unwrap()["role"].clone()
    };
    let claims = r#"{"groups": ["staff"]}"#;
    assert_eq!(role(Value::Null, claims).await, "user");
    let other = json!({ "rules": [{ "claim": "groups", "value": "staff", "role": "billing_admin" }] });
    assert_eq!(role(other, claims).await, "billing_admin");
    for bad in ["", "[]", "7", "{", "null", "\"x\""] {
        let refused = mapping::simulate(control, &admin, try_out(json!({ "claims": bad }))).await;
        assert_eq!(fields(refused), ["claims"], "{bad}");
    }
    let long = format!("{{\"x\": \"{}\"}}", "y".repeat(70_000));
    assert_eq!(
        fields(mapping::simulate(control, &admin, try_out(json!({ "claims": long }))).await),
        ["claims"]
    );
    assert_eq!(bench.audit().await.len(), rows, "nothing is written");
}

#[tokio::test]
async fn an_account_says_which_rule_decides_its_role() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let dev = bench.member("dev@example.com", &[]).await;
    let id = dev.user().unwrap().id.clone();
    let managed = async || users::read(&bench.control, &admin, &id).await.unwrap().managed;
    let decide = async |mapping: Value| {
        mapping::change(&bench.control, &admin, serde_json::from_value(mapping).unwrap()).await.unwrap();
    };
    assert_eq!(managed().await, None);
    bench
        .raw(
            r#"INSERT INTO mapped_accounts (user_id, source, decided_by, granted, decided_at)
               SELECT id, 'okta', '{"type":"rule","number":3}', '{"tenants":[],"assignments":[]}', 7
               FROM users WHERE email = 'dev@example.com'"#,
        )
        .await;
    assert_eq!(managed().await, None, "without rules nothing is overwritten");
    let rule = json!({ "claim": "groups", "value": "staff", "role": "user" });
    decide(json!({ "rules": [&rule] })).await;
    let by = managed().await.unwrap();
    assert_eq!((&*by.source, by.decided_by), ("okta", Decision::Rule { number: 3 }));
    bench.raw(r#"UPDATE mapped_accounts SET decided_by = '{"type":"otherwise"}'"#).await;
    assert_eq!(managed().await, None, "whom no rule fits keeps their role");
    decide(json!({ "rules": [&rule], "otherwise": { "type": "role", "role": "user" } })).await;
    assert_eq!(managed().await.unwrap().decided_by, Decision::Otherwise);
}
