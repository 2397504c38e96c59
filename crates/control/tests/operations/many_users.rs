//! Many accounts at once, and all of them in a file: who may, which rules hold for each, what is written down.

use crate::support::Bench;
use control::{Actor, Error, users};
use model::role::BuiltInRole;
use model::user::{MANY_USERS, OffboardMany, OneOfMany, StatusOfMany, UserFilter, UserStatus};
use serde_json::json;

fn from<T: serde::de::DeserializeOwned>(fields: serde_json::Value) -> T {
    serde_json::from_value(fields).unwrap()
}

const NOBODY: &str = "usr_AAAAAAAAAAAAAAAA";

fn id(actor: &Actor) -> String {
    actor.user().unwrap().id.to_string()
}

fn off(ids: &[String]) -> StatusOfMany {
    StatusOfMany {
        ids: ids.to_vec(),
        status: UserStatus::Inactive,
        reason: Some(" project over ".to_owned()),
    }
}

async fn switch(bench: &Bench, actor: &Actor, many: StatusOfMany) -> Result<Vec<OneOfMany>, Error> {
    users::set_status_many(&bench.control, actor, many, "correlation").await
}

async fn leave(bench: &Bench, actor: &Actor, ids: &[String]) -> Result<Vec<OneOfMany>, Error> {
    users::offboard_many(&bench.control, actor, OffboardMany { ids: ids.to_vec(), reason: None }, "c").await
}

fn codes(results: &[OneOfMany]) -> Vec<(u16, &str)> {
    results.iter().map(|one| (one.status, &*one.code)).collect()
}

async fn one_that_cannot_be_keeps_no_other(bench: &Bench) {
    let admin = bench.admin().await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let [a, b] = [
        bench.account("a@example.com", BuiltInRole::User).await,
        bench.account("b@example.com", BuiltInRole::User).await,
    ];
    // Nobody who may touch no account.
    let ids = [id(&a), id(&b)];
    assert!(matches!(switch(bench, &a, off(&ids)).await, Err(Error::Forbidden(_))));
    assert!(matches!(leave(bench, &a, &ids).await, Err(Error::Forbidden(_))));
    assert_eq!(bench.audit().await.last().unwrap(), &("user.offboard".to_owned(), "denied".to_owned()));
    // Nothing at all, too many, no good reason.
    for ids in [vec![], vec![NOBODY.to_owned(); MANY_USERS + 1]] {
        assert!(
            matches!(switch(bench, &helper, off(&ids)).await, Err(Error::Invalid(e)) if e[0].field == "ids")
        );
    }
    let long = StatusOfMany { reason: Some("x".repeat(501)), ..off(&ids) };
    assert!(matches!(switch(bench, &helper, long).await, Err(Error::Invalid(e)) if e[0].field == "reason"));

    // Who leads a tenant reaches those who are in it alone; others are like nobody.
    bench.tenant("alpha").await;
    let lead = bench.member("lead@example.com", &[("alpha", Some("user_admin"))]).await;
    let member = bench.member("member@example.com", &[("alpha", None)]).await;
    let results = switch(bench, &lead, off(&[id(&a), NOBODY.to_owned(), id(&member)])).await.unwrap();
    assert_eq!(codes(&results), [(404, "not_found"), (404, "not_found"), (200, "done")]);
    assert_eq!(results[0].message, results[1].message);

    let rows = bench.audit().await.len();
    let all = [id(&a), id(&admin), "nonsense".to_owned(), id(&b), id(&b)];
    let results = switch(bench, &helper, off(&all)).await.unwrap();
    let expected = [(200, "done"), (403, "forbidden"), (404, "not_found"), (200, "done"), (200, "done")];
    assert_eq!(codes(&results), expected);
    assert_eq!(results.iter().map(|one| one.id.clone()).collect::<Vec<_>>(), all, "in the order of the call");
    assert_eq!(results[0].message, "Inactive, 3 requests cut on 1 of 1 node in 2 ms");
    assert!(results[1].message.contains("super_admin") && !results[1].is_done(), "{results:?}");
    let written: Vec<_> = bench.audit().await.split_off(rows);
    let written: Vec<_> = written.iter().map(|(action, result)| (&**action, &**result)).collect();
    let [done, cut] = [("user.set_status", "success"), ("user.cut", "success")];
    assert_eq!(written, [done, cut, ("user.set_status", "denied"), done, cut], "each for itself");
    assert_eq!(bench.detail("user.set_status").await["reason"], "project over");

    let back = StatusOfMany { status: UserStatus::Active, ..off(&ids) };
    let results = switch(bench, &helper, back).await.unwrap();
    assert!(results.iter().all(|one| one.is_done() && one.message == "Active"), "{results:?}");

    // The last super_admin stays, whoever asks.
    let key = from(json!({ "name": "k", "owner": id(&a) }));
    control::keys::create(&bench.control, &admin, key).await.unwrap();
    let results = leave(bench, &Actor::command_line(), &[id(&admin), id(&a)]).await.unwrap();
    assert_eq!(codes(&results), [(409, "last_super_admin"), (200, "done")]);
    assert_eq!(results[1].message, "1 key revoked, 3 requests cut on 1 of 1 node in 2 ms");
    let left = users::read(&bench.control, &admin, &a.user().unwrap().id).await.unwrap();
    assert_eq!(left.user.status, UserStatus::Inactive);
}

async fn an_export_is_what_the_list_shows(bench: &Bench) {
    let admin = bench.admin().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let everybody = UserFilter::default();
    assert!(matches!(
        users::export(&bench.control, &dev, &everybody).await.map(drop),
        Err(Error::Forbidden(_))
    ));
    assert_eq!(bench.audit().await.last().unwrap(), &("user.export".to_owned(), "denied".to_owned()));
    bench.tenant("alpha").await;
    let lead = bench.member("lead@example.com", &[("alpha", Some("user_admin"))]).await;
    let both = bench.member("both@example.com", &[("alpha", None), ("default", None)]).await;
    for n in 0..210 {
        let new = from(json!({ "name": format!("n{n}"), "email": format!("n{n}@example.com") }));
        users::create(&bench.control, &admin, new, None).await.unwrap();
    }
    let all = async |actor: &Actor, filter: &UserFilter| {
        let mut export = users::export(&bench.control, actor, filter).await.unwrap();
        let mut found = Vec::new();
        loop {
            let users = export.next().await.unwrap();
            assert!(users.len() <= 200);
            if users.is_empty() {
                return found;
            }
            found.extend(users);
        }
    };
    let found = all(&admin, &everybody).await;
    assert_eq!(found.len(), 214);
    let mut ids: Vec<_> = found.iter().map(|user| &user.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 214, "each once");
    let some = UserFilter { q: Some("n20".to_owned()), ..UserFilter::default() };
    assert_eq!(all(&admin, &some).await.len(), 11);
    assert_eq!(bench.detail("user.export").await, json!({ "format": "csv", "filter": some }));
    let seen = all(&lead, &everybody).await;
    assert_eq!(seen.len(), 2);
    let both = seen.iter().find(|user| user.id == both.user().unwrap().id).unwrap();
    assert_eq!(both.tenant_ids, ["alpha".parse().unwrap()], "nothing of other tenants");
}

#[tokio::test]
async fn on_sqlite() {
    one_that_cannot_be_keeps_no_other(&Bench::new().await).await;
    an_export_is_what_the_list_shows(&Bench::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let Some(bench) = Bench::postgres().await else { return };
    one_that_cannot_be_keeps_no_other(&bench).await;
    bench.control.store().close().await;
}
