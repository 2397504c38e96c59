//! Every operation that writes to the audit log, found in the sources: exactly one row each, in its transaction. No row,
//! no mutation.

use crate::sso::{BASE, Idp, person};
use crate::support::{Authenticator, Bench, CREDENTIAL, PASSWORD};
use control::audit::{ExportFormat, export};
use control::catalog::{ConfiguredProvider, configure, models, providers};
use control::mapping;
use control::sign_in::{
    FirstRun, FirstStep, SetupForm, change_password, complete_setup, prepare, second_step, sign_in, sign_out,
    use_account_link,
};
use control::sso::{self, LogoutRefused, Purpose, Returned};
use control::{
    Actor, Client, Control, Error, access_rules, backup, keys, management_keys, memberships, roles, scim,
    second_factor, tenants, users,
};
use identity::password::Password;
use identity::totp::TotpSecret;
use model::audit::{ACTIONS, AuditFilter};
use model::key::{Grace, RotateKey};
use model::role::{BuiltInRole, NewAssignment, RoleName};
use model::second_factor::NewSecondFactor;
use model::sso::IdentityProviderChange;
use model::user::{NewUser, UserChange, UserFilter, UserStatus};
use model::{AccessRuleId, KeyId, ManagementKeyId, ScimClientId, TenantId, UserId};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use store::backup::Label;

/// Rows that come beside a mutation's own: what was cut is known only afterwards.
const RECEIPTS: [&str; 4] = ["key.cut", "membership.cut", "tenant.cut", "user.cut"];

/// Needs a database in which nothing has happened yet: the store's suite and the command line's tests have it.
const ELSEWHERE: [&str; 1] = ["backup.restore"];

/// What there is to change.
struct World {
    admin: Actor,
    dev: Actor,
    key: KeyId,
    rule: AccessRuleId,
    setup: String,
    management_key: ManagementKeyId,
    link: String,
    /// Somebody with a second factor.
    proven: Actor,
    authenticator: Authenticator,
    recovery: String,
    /// Somebody who is about to have one.
    begun: NewSecondFactor,
    /// An identity provider, and who came through it.
    idp: Idp,
    through: Actor,
    scim: scim::Caller,
    scim_client: ScimClientId,
    group: String,
}

impl World {
    async fn on(bench: &Bench) -> Self {
        let control = &bench.control;
        let FirstRun::Setup(token) = prepare(control, None).await.unwrap() else { unreachable!() };
        let shell = Actor::command_line();
        let dev = bench.account("dev@example.com", BuiltInRole::User).await;
        let key = keys::create(control, &shell, from(json!({ "name": "k" }))).await.unwrap().key.id;
        let rule = json!({ "scope": { "type": "user_path", "value": "/x" }, "denied_models": ["*"] });
        let rule = access_rules::create(control, &shell, from(rule)).await.unwrap().rule.id;
        providers::create(control, &shell, from(provider("p"))).await.unwrap();
        models::create(control, &shell, from(model("m"))).await.unwrap();
        tenants::create(control, &shell, from(json!({ "id": "asleep", "name": "Asleep" }))).await.unwrap();
        tenants::suspend(control, &shell, &slug("asleep"), None).await.unwrap();
        bench.role("viewer", &["keys:read"]).await;
        roles::assign(control, &shell, &dev.user().unwrap().id, assignment("user_admin")).await.unwrap();
        let new = json!({ "name": "m", "permissions": ["keys:read"] });
        let management_key = management_keys::create(control, &shell, from(new)).await.unwrap().key.key.id;
        let dev_id = &dev.user().unwrap().id;
        let link = users::reset_link(control, &shell, dev_id).await.unwrap().token.expose().to_owned();
        let now = control.now();
        let session = store::SessionRow {
            id_hash: [1; 32],
            user_id: Some(dev_id.clone()),
            identity_provider_id: None,
            provider_sid: None,
            data: "{}".to_owned(),
            created_at: now,
            last_seen_at: now,
            expires_at: now.after(std::time::Duration::from_hours(1)),
        };
        assert!(control.store().create_session(&session).await.unwrap());
        let (scim_client, scim) = bench.scim_client(json!({ "name": "Okta", "adopt_existing": true })).await;
        let group = json!({ "displayName": "Eng" });
        let group = scim::groups::create(control, &scim, &group).await.unwrap().id;
        let proven = bench.account("proven@example.com", BuiltInRole::User).await;
        let (authenticator, codes, proven) = bench.enrol(&proven).await;
        let idp = bench.idp("okta", json!({ "linking": "verified_email" })).await;
        let signed_in = bench.signs_in(&idp, person("sso", "sso@example.com")).await;
        bench.role("keeper", &["sso:*"]).await;
        bench.set_role(&bench.present(&signed_in.subject).await.unwrap(), "keeper").await;
        let through = bench.present(&signed_in.subject).await.unwrap();
        Self {
            begun: second_factor::begin(control, &dev).unwrap(),
            admin: shell,
            idp,
            through,
            dev,
            key,
            rule,
            setup: token.expose().to_owned(),
            management_key,
            link,
            proven,
            authenticator,
            recovery: codes[0].clone(),
            scim,
            scim_client,
            group,
        }
    }

    /// To the identity provider and back.
    async fn travels(&self, control: &Control, purpose: Purpose<'_>, claims: Value) -> Result<(), Error> {
        self.idp.provider.set_person(claims);
        let client = Client::default();
        let begun = sso::begin(control, &self.idp.name, purpose, BASE, &client).await?;
        let to = self.idp.provider.authorize(&begun.url);
        let returned = Returned {
            cookie: Some(begun.cookie.expose()),
            query: to.split_once('?').unwrap().1,
            actor: Some(&self.through),
            base_url: BASE,
            client: &client,
        };
        sso::finish(control, &self.idp.name, returned).await.map(drop)
    }

    fn dev_id(&self) -> &UserId {
        &self.dev.user().unwrap().id
    }
}

fn from<T: DeserializeOwned>(fields: Value) -> T {
    serde_json::from_value(fields).unwrap()
}

fn provider(name: &str) -> Value {
    json!({ "name": name, "kind": "openai", "api_key": CREDENTIAL })
}

fn model(name: &str) -> Value {
    json!({ "name": name, "targets": [{ "provider": "p", "upstream_model": "u" }] })
}

fn assignment(role: &str) -> NewAssignment {
    NewAssignment { tenant_id: TenantId::default_tenant(), role: role.parse().unwrap() }
}

fn slug(text: &str) -> TenantId {
    text.parse().unwrap()
}

fn password() -> Password {
    Password::new(PASSWORD.to_owned())
}

/// Does what is written down as `action`; `None`: no operation here is.
async fn perform(action: &str, control: &Control, world: &World) -> Option<Result<(), Error>> {
    if let "session.confirm" | "session.provider_logout" = action {
        return about_sso(action, control, world).await;
    }
    match action.split('.').next().unwrap() {
        "identity" | "identity_provider" | "password_sign_in" => about_sso(action, control, world).await,
        "management_key" | "link" => about_ways_in(action, control, world).await,
        "scim_client" | "scim_group" => about_provisioning(action, control, world).await,
        "user" if ["user.provision", "user.adopt"].contains(&action) => {
            about_provisioning(action, control, world).await
        }
        "second_factor" => about_second_factors(action, control, world).await,
        "membership" | "role" | "role_mapping" | "session" | "user" => {
            about_people(action, control, world).await
        }
        _ => about_objects(action, control, world).await,
    }
}

async fn about_ways_in(action: &str, control: &Control, world: &World) -> Option<Result<(), Error>> {
    let World { admin, management_key, link, .. } = world;
    Some(match action {
        "link.create" => prepare(control, None).await.map(drop),
        "link.use" => use_account_link(control, link, password(), &Client::default()).await.map(drop),
        "management_key.create" => {
            let new = json!({ "name": "new", "permissions": ["keys:read"] });
            management_keys::create(control, admin, from(new)).await.map(drop)
        }
        "management_key.revoke" => {
            management_keys::revoke(control, admin, management_key, None).await.map(drop)
        }
        "management_key.use" => {
            let tried =
                management_keys::actor_of_bearer(control, "guess", |_| false, Client::default()).await;
            match tried {
                Err(Error::Unauthenticated) => Ok(()),
                other => other.map(drop),
            }
        }
        _ => return None,
    })
}

async fn about_provisioning(action: &str, control: &Control, world: &World) -> Option<Result<(), Error>> {
    let World { admin, scim, scim_client, group, .. } = world;
    let done = match action {
        "scim_client.create" => {
            return Some(scim::create(control, admin, from(json!({ "name": "Entra" }))).await.map(drop));
        }
        "scim_client.revoke" => return Some(scim::revoke(control, admin, scim_client, None).await.map(drop)),
        "scim_client.use" => {
            return Some(match scim::authenticate(control, "guess", Client::default()).await {
                Err(Error::Unauthenticated) => Ok(()),
                other => other.map(drop),
            });
        }
        "scim_group.create" => {
            scim::groups::create(control, scim, &json!({ "displayName": "Ops" })).await.map(drop)
        }
        "scim_group.update" => {
            scim::groups::replace(control, scim, group, &json!({ "displayName": "Ops" }), None)
                .await
                .map(drop)
        }
        "scim_group.delete" => scim::groups::delete(control, scim, group, None).await,
        "user.provision" => {
            scim::users::create(control, scim, &json!({ "userName": "new@example.com" })).await.map(drop)
        }
        "user.adopt" => {
            scim::users::create(control, scim, &json!({ "userName": "dev@example.com" })).await.map(drop)
        }
        _ => return None,
    };
    Some(done.map_err(|error| match error {
        scim::Error::Control(error) => error,
        scim::Error::Scim(error) => unreachable!("{error}"),
    }))
}

async fn about_second_factors(action: &str, control: &Control, world: &World) -> Option<Result<(), Error>> {
    let World { admin, dev, proven, authenticator, recovery, begun, .. } = world;
    let code = authenticator.next(control.now());
    Some(match action {
        "second_factor.enrolled" => {
            let first = TotpSecret::parse(&begun.secret).unwrap().code_at(control.now());
            second_factor::enrol(control, dev, &begun.ticket, password(), &first).await.map(drop)
        }
        "second_factor.removed" => second_factor::remove(control, proven, password(), &code).await.map(drop),
        "second_factor.recovery_renewed" => {
            second_factor::renew_recovery_codes(control, proven, password(), &code).await.map(drop)
        }
        "second_factor.recovery_used" => {
            let client = Client::default();
            match sign_in(control, "proven@example.com", password(), &client).await {
                Ok(FirstStep::HalfWay(half)) => {
                    second_step(control, &half, recovery, &client).await.map(drop)
                }
                Err(refused) => Err(refused),
                Ok(FirstStep::SignedIn(_)) => unreachable!("no code was asked for"),
            }
        }
        "second_factor.reset" => {
            users::reset_second_factor(control, admin, &proven.user().unwrap().id).await.map(drop)
        }
        _ => return None,
    })
}

async fn about_sso(action: &str, control: &Control, world: &World) -> Option<Result<(), Error>> {
    let World { admin, through, .. } = world;
    let change = |fields: Value| from::<IdentityProviderChange>(fields);
    Some(match action {
        "identity_provider.create" => {
            let new =
                json!({ "name": "new", "title": "New", "issuer": "https://new.example", "client_id": "c" });
            sso::identity_providers::create(control, admin, from(new)).await.map(drop)
        }
        "identity_provider.update" => {
            let title = change(json!({ "title": "Other" }));
            sso::identity_providers::change(control, admin, &world.idp.name, title).await.map(drop)
        }
        "identity_provider.delete" => sso::identity_providers::remove(control, admin, &world.idp.name).await,
        "identity_provider.check" => {
            sso::identity_providers::check(control, admin, &world.idp.name, BASE).await.map(drop)
        }
        "identity_provider.test" => world.travels(control, Purpose::Test(through), person("sso", "")).await,
        "identity.use" => {
            let purpose = Purpose::SignIn { next: None };
            world.travels(control, purpose, person("proven", "proven@example.com")).await
        }
        "identity.unlink" => {
            let id = &through.user().unwrap().id;
            let identity = sso::identities(control, admin, id).await.unwrap().remove(0).id;
            sso::unlink(control, admin, id, &identity).await
        }
        "password_sign_in.set" => sso::set_password_sign_in(control, through, false).await,
        "session.confirm" => {
            let purpose = Purpose::StepUp { actor: through, next: None };
            world.travels(control, purpose, person("sso", "")).await
        }
        "session.provider_logout" => {
            let token = world.idp.provider.logout_token(Some("sso"), None, json!({}));
            match sso::back_channel_logout(control, &world.idp.name, &token, &Client::default()).await {
                Err(LogoutRefused::Error(error)) => Err(error),
                other => {
                    other.unwrap();
                    Ok(())
                }
            }
        }
        _ => return None,
    })
}

async fn about_objects(action: &str, control: &Control, world: &World) -> Option<Result<(), Error>> {
    let World { admin, key, rule, .. } = world;
    let (p, m) = ("p".parse().unwrap(), "m".parse().unwrap());
    Some(match action {
        "access_rule.create" => {
            let new = json!({ "scope": { "type": "user_path", "value": "/y" }, "denied_models": ["*"] });
            access_rules::create(control, admin, from(new)).await.map(drop)
        }
        "access_rule.update" => {
            access_rules::change(control, admin, rule, from(json!({ "denied_models": ["x"] })))
                .await
                .map(drop)
        }
        "access_rule.delete" => access_rules::remove(control, admin, rule).await,
        "audit.export" => export(control, admin, &AuditFilter::default(), ExportFormat::Csv).await.map(drop),
        "backup.create" => {
            let label = Label { version: "1".to_owned(), taken_at: control.now(), sealing: None };
            let done = backup::create(control.store(), label, Vec::new(), &mut |_| {}).await;
            done.map(drop).map_err(|error| match error {
                store::backup::Error::Store(error) => error.into(),
                other => unreachable!("{other}"),
            })
        }
        "catalog.configure" => {
            let wanted = ConfiguredProvider {
                provider: from::<model::catalog::NewProvider>(provider("c")).into_provider().0,
                credential: Some(CREDENTIAL.to_owned().into()),
            };
            configure(control, vec![wanted], Vec::new()).await
        }
        "key.create" => keys::create(control, admin, from(json!({ "name": "new" }))).await.map(drop),
        "key.update" => keys::change(control, admin, key, from(json!({ "name": "other" }))).await.map(drop),
        "key.rotate" => keys::rotate(control, admin, key, RotateKey { grace: Grace::Day }).await.map(drop),
        "key.revoke" => keys::revoke(control, admin, key, "done").await.map(drop),
        "model.create" => models::create(control, admin, from(model("n"))).await.map(drop),
        "model.update" => {
            models::change(control, admin, &m, from(json!({ "labels": ["eu"] }))).await.map(drop)
        }
        "model.delete" => models::remove(control, admin, &m).await,
        "provider.create" => providers::create(control, admin, from(provider("q"))).await.map(drop),
        "provider.update" => {
            providers::change(control, admin, &p, from(json!({ "sandbox": true }))).await.map(drop)
        }
        "provider.test" => providers::test(control, admin, &p).await.map(drop),
        "provider.delete" => providers::remove(control, admin, &"spare".parse().unwrap()).await,
        "tenant.create" => {
            tenants::create(control, admin, from(json!({ "id": "new", "name": "New" }))).await.map(drop)
        }
        "tenant.update" => {
            let id = TenantId::default_tenant();
            tenants::change(control, admin, &id, from(json!({ "name": "Other" }))).await.map(drop)
        }
        "tenant.suspend" => {
            tenants::suspend(control, admin, &TenantId::default_tenant(), None).await.map(drop)
        }
        "tenant.delete" => tenants::delete(control, admin, &slug("asleep"), None).await.map(drop),
        "tenant.activate" => tenants::activate(control, admin, &slug("asleep"), None).await.map(drop),
        _ => return None,
    })
}

async fn about_people(action: &str, control: &Control, world: &World) -> Option<Result<(), Error>> {
    let World { admin, dev, setup, .. } = world;
    let viewer: RoleName = "viewer".parse().unwrap();
    Some(match action {
        "membership.create" => {
            let new = json!({ "user_id": world.dev_id(), "tenant_id": "asleep" });
            memberships::add(control, admin, from(new)).await.map(drop)
        }
        "membership.delete" => {
            let default = TenantId::default_tenant();
            memberships::end(control, admin, world.dev_id(), &default, None).await.map(drop)
        }
        "role.create" => {
            let new = json!({ "name": "new", "title": "New", "permissions": ["keys:read"] });
            roles::create(control, admin, from(new)).await.map(drop)
        }
        "role.update" => {
            roles::change(control, admin, &viewer, from(json!({ "title": "Other" }))).await.map(drop)
        }
        "role.delete" => roles::remove(control, admin, &viewer).await,
        "session.start" => {
            sign_in(control, "dev@example.com", password(), &Client::default()).await.map(drop)
        }
        "role_mapping.update" => {
            let rule = json!({ "claim": "groups", "value": "staff", "role": "user" });
            mapping::change(control, admin, from(json!({ "rules": [rule] }))).await.map(drop)
        }
        "session.first_step" => {
            sign_in(control, "proven@example.com", password(), &Client::default()).await.map(drop)
        }
        "session.end" => sign_out(control, dev).await,
        "user.create" => {
            let new: NewUser = from(json!({ "name": "New", "email": "new@example.com" }));
            users::create(control, admin, new, Some(password())).await.map(drop)
        }
        "user.set_status" => {
            let off = UserChange { status: UserStatus::Inactive, reason: None };
            users::set_status(control, admin, world.dev_id(), off).await.map(drop)
        }
        "user.set_role" => {
            let change = from(json!({ "role": "viewer" }));
            roles::set_role(control, admin, world.dev_id(), change).await.map(drop)
        }
        "user.assign_role" => {
            roles::assign(control, admin, world.dev_id(), assignment("billing_admin")).await.map(drop)
        }
        "user.unassign_role" => {
            roles::unassign(control, admin, world.dev_id(), &assignment("user_admin")).await
        }
        "user.reset_password" => users::reset_password(control, admin, world.dev_id(), password()).await,
        "user.change_password" => {
            let new = Password::new("a new long password".to_owned());
            change_password(control, dev, password(), new).await.map(drop)
        }
        "user.update" => {
            let change = from(json!({ "name": "Other" }));
            users::change(control, admin, world.dev_id(), change).await.map(drop)
        }
        "user.end_sessions" => users::end_sessions(control, admin, world.dev_id(), None).await.map(drop),
        "user.export" => users::export(control, admin, &UserFilter::default()).await.map(drop),
        "user.offboard" => users::offboard(control, admin, world.dev_id(), None).await.map(drop),
        "user.set_up" => {
            let form = SetupForm {
                token: setup.clone(),
                name: "Ada".to_owned(),
                email: "admin@example.com".to_owned(),
                password: password(),
            };
            complete_setup(control, form, &Client::default()).await.map(drop)
        }
        _ => return None,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_action_has_one_row_and_without_it_nothing_happens() {
    for action in ACTIONS {
        let bench = Bench::new().await;
        let world = World::on(&bench).await;
        let spare: model::catalog::NewProvider = from(provider("spare"));
        providers::create(&bench.control, &world.admin, spare).await.unwrap();
        let before = bench.everything().await;
        let rows = bench.audit().await.len();
        let carried = bench.changes().len();

        bench
            .raw("CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'full'); END")
            .await;
        let Some(refused) = perform(action, &bench.control, &world).await else {
            let known = RECEIPTS.contains(action) || ELSEWHERE.contains(action);
            assert!(known, "{action}: name the operation in `perform`");
            continue;
        };
        assert!(matches!(refused, Err(Error::Store(_))), "{action}: {refused:?}");
        assert_eq!(bench.everything().await, before, "{action}");
        assert_eq!(bench.changes().len(), carried, "{action}: nothing was carried");

        bench.raw("DROP TRIGGER full").await;
        perform(action, &bench.control, &world).await.unwrap().unwrap();
        let written = bench.audit().await.split_off(rows);
        // A recovery code is used on the way in.
        let beside = |row: &str| {
            let around = ["session.first_step", "session.start"];
            RECEIPTS.contains(&row) || (*action == "second_factor.recovery_used" && around.contains(&row))
        };
        let own = written.iter().filter(|(written, _)| !beside(written));
        assert_eq!(own.map(|(action, _)| action).collect::<Vec<_>>(), [action], "{written:?}");
        let elsewhere = [
            "audit.export",
            "backup.create",
            "user.export",
            "provider.test",
            "identity_provider.check",
            "identity_provider.test",
            "session.confirm",
            "session.end",
            "session.first_step",
            "management_key.use",
            "scim_client.use",
        ];
        if !elsewhere.contains(action) {
            let record = |row: &String| row.starts_with("audit_log") || row.starts_with("feed");
            let objects = |rows: Vec<String>| rows.into_iter().filter(|row| !record(row)).collect::<Vec<_>>();
            assert_ne!(objects(bench.everything().await), objects(before), "{action}: does nothing at all");
        }
    }
}

/// Words like `key.create` between quotes in the sources of `control`.
fn in_sources(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            in_sources(&path, found);
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap();
        for literal in code.split('"').skip(1).step_by(2) {
            let word =
                |part: &str| !part.is_empty() && part.bytes().all(|b| b == b'_' || b.is_ascii_lowercase());
            if literal.split_once('.').is_some_and(|(resource, verb)| word(resource) && word(verb)) {
                found.insert(literal.to_owned());
            }
        }
    }
}

#[test]
fn the_list_of_actions_is_complete() {
    let mut found = BTreeSet::new();
    in_sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    for field in ["scope.value", "otherwise.role"] {
        assert!(found.remove(field), "{field}: a field in a message");
    }
    let listed: BTreeSet<String> = ACTIONS.iter().map(|action| (*action).to_owned()).collect();
    assert_eq!(found, listed, "name the new action in model::audit::ACTIONS");
    assert!(ACTIONS.is_sorted());
}
