//! Tenants and people.

use super::words::{DOMAINS, FIRST_NAMES, LAST_NAMES, TEAMS, UNITS};
use super::{BATCH, Cast, Owner, Seeding};
use crate::error::{Error, Result};
use crate::sql::Value;
use model::user::{UserSource, UserStatus, fold};
use model::{TenantId, Timestamp, UserId};

const CHUNK: usize = 500;

impl Seeding<'_> {
    pub(super) async fn tenants(&mut self, cast: &mut Cast) -> Result<()> {
        let (mut slugs, mut tenants) = (Vec::new(), Vec::new());
        for nth in 0..self.plan.tenants {
            let number = self.before.tenants + nth;
            let team = TEAMS[usize::try_from(number).unwrap_or(0) % TEAMS.len()];
            let slug = format!("team-{team}-{number}");
            let name = format!("Team {}{} {number}", team[..1].to_uppercase(), &team[1..]);
            let created = self.days_ago(30, 900);
            let status = if self.dice.chance(3) { "suspended" } else { "active" };
            slugs.push([Value::from(slug.as_str()), created.into()]);
            let folded = fold(&name);
            tenants.push([
                Value::from(slug.as_str()),
                name.as_str().into(),
                folded.as_str().into(),
                status.into(),
                r#"["stage"]"#.into(),
                created.into(),
            ]);
            cast.tenants.push(slug.parse().map_err(|_| Error::Corrupt { what: "slug" })?);
        }
        if cast.tenants.is_empty() {
            cast.tenants.push(TenantId::default_tenant());
        }
        let mut tx = self.begin().await?;
        self.insert(&mut tx, "INSERT INTO tenant_slugs (slug, first_used_at) VALUES ", CHUNK, slugs).await?;
        let into =
            "INSERT INTO tenants (id, name, name_folded, status, self_service_tags, created_at) VALUES ";
        self.insert(&mut tx, into, CHUNK, tenants).await?;
        self.count(&mut tx, "tenants", self.plan.tenants).await?;
        tx.commit().await?;
        self.tell("tenants", self.plan.tenants, self.plan.tenants);
        Ok(())
    }

    pub(super) async fn people(&mut self, cast: &mut Cast) -> Result<()> {
        let mut done = 0;
        let mut tx = self.begin().await?;
        while done < self.plan.users {
            let some = BATCH.min(self.plan.users - done);
            let (mut users, mut memberships) = (Vec::new(), Vec::new());
            for nth in done..done + some {
                self.person(self.before.users + nth, cast, &mut users, &mut memberships);
            }
            let into = "INSERT INTO users (id, name, name_folded, email, email_folded, role, organization_unit, status,
                                           source, created_at, last_sign_in_at) VALUES ";
            self.insert(&mut tx, into, CHUNK, users).await?;
            let into = "INSERT INTO memberships (user_id, tenant_id, created_at) VALUES ";
            self.insert(&mut tx, into, CHUNK, memberships).await?;
            self.count(&mut tx, "users", some).await?;
            done += some;
            self.tell("users", done, self.plan.users);
        }
        tx.commit().await?;
        Ok(())
    }

    fn person(
        &mut self,
        number: u64,
        cast: &mut Cast,
        users: &mut Vec<[Value; 11]>,
        memberships: &mut Vec<[Value; 3]>,
    ) {
        let (first, last) = (self.dice.one(FIRST_NAMES), self.dice.one(LAST_NAMES));
        let (name, domain) = (format!("{first} {last}"), self.dice.one(DOMAINS));
        let mailbox = format!("{first}.{last}").to_lowercase().replace([' ', '\''], "");
        let email = format!("{mailbox}{number}@{domain}");
        let id = UserId::generate(|bytes| self.dice.fill(bytes));
        let created_at = self.days_ago(0, 900);
        let inactive = self.dice.chance(6);
        let unit = (!self.dice.chance(8)).then(|| self.dice.one(UNITS));
        users.push([
            Value::from(id.as_str()),
            name.as_str().into(),
            fold(&name).as_str().into(),
            email.as_str().into(),
            fold(&email).as_str().into(),
            self.role().into(),
            unit.into(),
            if inactive { UserStatus::Inactive } else { UserStatus::Active }.as_str().into(),
            match self.dice.below(10) {
                0..=6 => UserSource::Sso,
                7 | 8 => UserSource::Scim,
                _ => UserSource::Local,
            }
            .as_str()
            .into(),
            created_at.into(),
            self.last_sign_in(created_at, inactive).map(Timestamp::as_micros).into(),
        ]);
        let mut tenants = Vec::new();
        for _ in 0..=self.dice.low(3) {
            let tenant = u32::try_from(self.dice.early_place(cast.tenants.len())).unwrap_or(0);
            if !tenants.contains(&tenant) {
                tenants.push(tenant);
                memberships.push([
                    Value::from(id.as_str()),
                    cast.tenants[tenant as usize].as_str().into(),
                    created_at.into(),
                ]);
            }
        }
        cast.owners.push(Owner { id, email, tenants, inactive, created_at });
    }

    fn role(&mut self) -> &'static str {
        match self.dice.below(1_000) {
            0 => "user_admin",
            1 => "model_admin",
            2 => "provider_admin",
            3 | 4 => "billing_admin",
            _ => "user",
        }
    }

    /// One in twelve never signed in; those who left did so a while ago.
    fn last_sign_in(&mut self, created_at: Timestamp, inactive: bool) -> Option<Timestamp> {
        if self.dice.chance(8) {
            return None;
        }
        let at = if inactive || self.dice.chance(20) { self.days_ago(30, 500) } else { self.days_ago(0, 60) };
        Some(at.max(created_at))
    }
}
