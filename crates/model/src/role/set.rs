//! Sets of permissions.

use super::permission::{Action, Permission, Resource};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A set of permissions: one bit each. Written as a sorted list of `resource:action`; read, `resource:*` stands for all
/// of one resource and `*` for everything.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct PermissionSet(u128);

const fn bit(resource: Resource, action: Action) -> u128 {
    1 << (resource as usize * Action::ALL.len() + action as usize)
}

impl PermissionSet {
    /// None.
    pub const NONE: Self = Self(0);

    /// All that mean something.
    pub const ALL: Self = {
        let (mut all, mut nth) = (Self::NONE, 0);
        while nth < Resource::ALL.len() {
            all = all.with_all(Resource::ALL[nth]);
            nth += 1;
        }
        all
    };

    /// Those that can be held for one tenant.
    pub const IN_TENANTS: Self = {
        let (mut all, mut nth) = (Self::NONE, 0);
        while nth < Resource::ALL.len() {
            let (resource, mut at) = (Resource::ALL[nth], 0);
            while at < resource.actions().len() {
                let permission = Permission::new(resource, resource.actions()[at]);
                if permission.in_tenants() {
                    all = all.with(permission.resource, permission.action);
                }
                at += 1;
            }
            nth += 1;
        }
        all
    };

    /// With this permission too.
    #[must_use]
    pub const fn with(self, resource: Resource, action: Action) -> Self {
        Self(self.0 | bit(resource, action))
    }

    /// With all of one resource too.
    #[must_use]
    pub const fn with_all(mut self, resource: Resource) -> Self {
        let mut at = 0;
        while at < resource.actions().len() {
            self = self.with(resource, resource.actions()[at]);
            at += 1;
        }
        self
    }

    /// Whether it holds this permission.
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & bit(permission.resource, permission.action) != 0
    }

    /// What is in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is nothing in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Its permissions, in the order of pages.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::all().filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        let add = |set: Self, permission: Permission| set.with(permission.resource, permission.action);
        permissions.into_iter().fold(Self::NONE, add)
    }
}

impl std::fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter().map(|permission| permission.to_string())).finish()
    }
}

impl Serialize for PermissionSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut words: Vec<_> = self.iter().map(|permission| permission.to_string()).collect();
        words.sort();
        words.serialize(serializer)
    }
}

/// One entry of a list: a permission, all of a resource, or everything.
struct Entry(PermissionSet);

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let all_of =
            |resource| Resource::parse(resource).map(|resource| PermissionSet::NONE.with_all(resource));
        let found = match text.strip_suffix(":*") {
            Some(resource) => all_of(resource),
            None if text == "*" => Some(PermissionSet::ALL),
            None => Permission::parse(&text).map(|permission| PermissionSet::from_iter([permission])),
        };
        found.map(Self).ok_or_else(|| de::Error::custom("must be a permission such as keys:read or keys:*"))
    }
}

impl<'de> Deserialize<'de> for PermissionSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Vec::<Entry>::deserialize(deserializer)?;
        Ok(entries.into_iter().fold(Self::NONE, |set, entry| set.or(entry.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_a_bit_of_its_own() {
        let mut seen = PermissionSet::NONE;
        for permission in Permission::all() {
            assert!(!seen.contains(permission), "{permission}");
            seen = seen.with(permission.resource, permission.action);
        }
        assert_eq!(seen, PermissionSet::ALL);
        assert!(PermissionSet::IN_TENANTS.iter().all(Permission::in_tenants));
        assert!(
            PermissionSet::ALL.without(PermissionSet::IN_TENANTS).iter().all(|other| !other.in_tenants())
        );
    }

    #[test]
    fn written_sorted_and_read_with_stars() {
        let read = |text: &str| serde_json::from_str::<PermissionSet>(text);
        let set = read(r#"["usage:read","keys:*","keys:read"]"#).unwrap();
        let written = serde_json::to_string(&set).unwrap();
        assert_eq!(written, r#"["keys:read","keys:revoke","keys:write","usage:read"]"#);
        assert_eq!(read(&written).unwrap(), set);
        assert_eq!(read(r#"["*"]"#).unwrap(), PermissionSet::ALL);
        assert_eq!(read("[]").unwrap(), PermissionSet::NONE);
        for bad in
            [r#"["keys:export"]"#, r#"["*:read"]"#, r#"["keys"]"#, r#"[":*"]"#, "[7]", r#""keys:read""#]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
