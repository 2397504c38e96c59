//! Custom roles, and who has which role. The built-in roles are in the program.

use crate::commit::Tx;
use crate::error::{Error, Result};
use crate::fields::{Fields, to_json};
use crate::keyset::count;
use crate::pool::Store;
use crate::sql::{Sql, text};
use model::role::{AccessEffect, AffectedUser, PermissionSet, Role, RoleName, RoleUses};
use model::{TenantId, Timestamp, Total, UserId};
use sqlx::Executor;
use sqlx::any::{Any, AnyRow};
use std::collections::BTreeMap;

const SELECT_ROLE: &str = "SELECT r.name, r.title, r.description, r.permissions FROM roles r";

fn read_role(row: &AnyRow) -> Result<Role> {
    Ok(Role {
        name: row.id("name")?,
        title: row.text("title")?,
        description: row.text("description")?,
        permissions: row.json("permissions")?,
        built_in: false,
    })
}

/// A built-in role needs no look-up.
async fn role<'c>(on: impl Executor<'c, Database = Any>, name: &RoleName) -> Result<Option<Role>> {
    if let Some(built_in) = name.built_in() {
        return Ok(Some(built_in.into()));
    }
    let mut sql = Sql::new(SELECT_ROLE);
    sql.push(" WHERE r.name = ").bind(name.as_str());
    sql.fetch_all(on).await?.first().map(read_role).transpose()
}

async fn uses<'c>(on: impl Executor<'c, Database = Any>, name: &RoleName) -> Result<RoleUses> {
    let mut sql = Sql::new("SELECT (SELECT COUNT(*) FROM users WHERE role <> 'user' AND role = ");
    let name = sql.parameter(name.as_str());
    sql.push_parameter(name).push(") AS users, (SELECT COUNT(*) FROM role_assignments WHERE role = ");
    sql.push_parameter(name).push(") AS assignments");
    let row = sql.fetch_one(on).await?;
    Ok(RoleUses { users: row.number("users")?, assignments: row.number("assignments")? })
}

/// Accounts that have a role, everywhere or in a tenant.
fn push_holders(sql: &mut Sql, name: &RoleName) {
    let name = sql.parameter(name.as_str());
    sql.push(" FROM users u WHERE u.id IN (SELECT id FROM users WHERE role <> 'user' AND role = ");
    sql.push_parameter(name);
    sql.push(" UNION SELECT user_id FROM role_assignments WHERE role = ").push_parameter(name).push(")");
}

impl Store {
    /// The role of this name, built in or custom.
    pub async fn role(&self, name: &RoleName) -> Result<Option<Role>> {
        role(self.reader(), name).await
    }

    /// All custom roles, by name. They are few.
    pub async fn custom_roles(&self) -> Result<Vec<Role>> {
        let mut sql = Sql::new(SELECT_ROLE);
        sql.push(" ORDER BY r.name");
        sql.fetch_all(self.reader()).await?.iter().map(read_role).collect()
    }

    /// How often each role is given, as far as it is at all.
    pub async fn role_uses(&self) -> Result<BTreeMap<RoleName, RoleUses>> {
        let sql = Sql::new(
            "SELECT role, COUNT(*) AS users, 0 AS assignments FROM users WHERE role <> 'user' GROUP BY role
             UNION ALL SELECT role, 0, COUNT(*) FROM role_assignments GROUP BY role",
        );
        let mut all: BTreeMap<RoleName, RoleUses> = BTreeMap::new();
        for row in sql.fetch_all(self.reader()).await? {
            let uses = all.entry(row.id("role")?).or_default();
            uses.users += row.number::<u64>("users")?;
            uses.assignments += row.number::<u64>("assignments")?;
        }
        // Almost everybody is a user: the rest of all.
        let others: u64 = all.values().map(|uses| uses.users).sum();
        all.entry(RoleName::default()).or_default().users = self.count_users().await?.saturating_sub(others);
        Ok(all)
    }

    /// How often one role is given. Of `user` only for tenants.
    pub async fn uses_of_role(&self, name: &RoleName) -> Result<RoleUses> {
        let mut uses = uses(self.reader(), name).await?;
        if *name == RoleName::default() {
            uses.users = self.role_uses().await?.get(name).map_or(0, |uses| uses.users);
        }
        Ok(uses)
    }

    /// Accounts that have a role other than `user`, everywhere or in a tenant: how many, and the first by name.
    pub async fn holders_of_role(&self, name: &RoleName) -> Result<(Total, Vec<AffectedUser>)> {
        let mut sql = Sql::new("SELECT u.id, u.name, u.email");
        push_holders(&mut sql, name);
        sql.push(" ORDER BY u.name_folded, u.id LIMIT ").bind(i64::from(AccessEffect::NAMED));
        let rows = sql.fetch_all(self.reader()).await?;
        let first = rows.iter().map(|row| {
            Ok(AffectedUser { id: row.id("id")?, name: row.text("name")?, email: row.text("email")? })
        });
        let first = first.collect::<Result<_>>()?;
        let mut sql = Sql::new("SELECT 1");
        push_holders(&mut sql, name);
        Ok((count(sql, self.reader()).await?, first))
    }

    /// The permissions of all custom roles.
    pub async fn custom_permissions(&self) -> Result<BTreeMap<RoleName, PermissionSet>> {
        Ok(self.custom_roles().await?.into_iter().map(|role| (role.name, role.permissions)).collect())
    }
}

impl Tx {
    /// The role of this name, built in or custom, as this transaction sees it. Stays true until it ends: no other runs.
    pub async fn role(&mut self, name: &RoleName) -> Result<Option<Role>> {
        role(self.connection(), name).await
    }

    /// How many custom roles there are.
    pub async fn count_custom_roles(&mut self) -> Result<u64> {
        Sql::new("SELECT COUNT(*) AS found FROM roles").fetch_one(self.connection()).await?.number("found")
    }

    /// How often a role other than `user` is given. Stays true until this transaction ends: no other runs.
    pub async fn uses_of_role(&mut self, name: &RoleName) -> Result<RoleUses> {
        uses(self.connection(), name).await
    }

    /// Adds a custom role. A taken name is the conflict `role`.
    pub async fn insert_role(&mut self, role: &Role, at: Timestamp, by: &str) -> Result<()> {
        let done = sqlx::query(
            "INSERT INTO roles (name, title, description, permissions, created_at, created_by)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING",
        )
        .bind(role.name.as_str())
        .bind(text(&role.title))
        .bind(text(&role.description))
        .bind(to_json(&role.permissions, "permissions")?)
        .bind(at.as_micros())
        .bind(text(by))
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 { Err(Error::Conflict { what: "role" }) } else { Ok(()) }
    }

    /// Writes a custom role's title, description and permissions; `false`: there is no such role.
    pub async fn update_role(&mut self, role: &Role) -> Result<bool> {
        let done =
            sqlx::query("UPDATE roles SET title = $2, description = $3, permissions = $4 WHERE name = $1")
                .bind(role.name.as_str())
                .bind(text(&role.title))
                .bind(text(&role.description))
                .bind(to_json(&role.permissions, "permissions")?)
                .execute(self.connection())
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Deletes a custom role; `false`: there is no such role. Who has it keeps the name of it, which gives nothing.
    pub async fn delete_role(&mut self, name: &RoleName) -> Result<bool> {
        let done = sqlx::query("DELETE FROM roles WHERE name = $1")
            .bind(name.as_str())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives a member of a tenant a role there; `false`: they have it. Who isn't a member is the conflict `reference`.
    pub async fn add_assignment(
        &mut self,
        user: &UserId,
        tenant: &TenantId,
        role: &RoleName,
        at: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO role_assignments (user_id, tenant_id, role, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (user_id, tenant_id, role) DO NOTHING",
        )
        .bind(user.as_str())
        .bind(tenant.as_str())
        .bind(role.as_str())
        .bind(at.as_micros())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes a role for a tenant away; `false`: they don't have it.
    pub async fn remove_assignment(
        &mut self,
        user: &UserId,
        tenant: &TenantId,
        role: &RoleName,
    ) -> Result<bool> {
        let done =
            sqlx::query("DELETE FROM role_assignments WHERE user_id = $1 AND tenant_id = $2 AND role = $3")
                .bind(user.as_str())
                .bind(tenant.as_str())
                .bind(role.as_str())
                .execute(self.connection())
                .await?;
        Ok(done.rows_affected() == 1)
    }
}
