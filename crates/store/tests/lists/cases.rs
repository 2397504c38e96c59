//! All that can be asked of the lists, with the words that the seeded data is made of.

use crate::measure::{Case, Depth, Question, directions};
use model::Timestamp;
use model::key::{Environment, KeyFilter, KeyKind, KeySort, KeySortField, KeyStatus, KeyTag};
use model::role::{BuiltInRole, Reach};
use model::user::{UserFilter, UserSort, UserSortField, UserSource, UserStatus};
use model::{PageRequest, TenantId, UserId};
use store::Store;

const KEY_ORDERS: [KeySortField; 4] =
    [KeySortField::CreatedAt, KeySortField::Name, KeySortField::LastUsedAt, KeySortField::ExpiresAt];
const USER_ORDERS: [UserSortField; 7] = [
    UserSortField::Name,
    UserSortField::Email,
    UserSortField::Role,
    UserSortField::OrganizationUnit,
    UserSortField::Status,
    UserSortField::CreatedAt,
    UserSortField::LastSignInAt,
];
/// Searches that are combined with each filter.
const COMBINED: [&str; 4] = ["c", "an", "bil", "nightly-eval"];
const DEPTHS: [Depth; 3] = [Depth::First, Depth::Tenth, Depth::Deepest];

pub(crate) async fn all(store: &Store, now: Timestamp) -> Vec<Case> {
    let mut cases = Vec::new();
    let known = Known::of(store, now).await;
    for (name, filter) in known.key_filters() {
        push_keys(&mut cases, name, &filter, &KEY_ORDERS);
    }
    for q in known.searches() {
        push_keys(
            &mut cases,
            &format!("`{q}`"),
            &KeyFilter { q: Some(q.clone()), ..KeyFilter::default() },
            &KEY_ORDERS,
        );
        for (name, filter) in known.key_filters() {
            if COMBINED.contains(&q.as_str()) && !matches!(name, "all but revoked" | "revoked too") {
                let filter = KeyFilter { q: Some(q.clone()), ..filter };
                push_keys(&mut cases, &format!("`{q}`, {name}"), &filter, &KEY_ORDERS[..2]);
            }
        }
    }
    for (name, filter) in known.user_filters() {
        push_users(&mut cases, name, &filter, &USER_ORDERS);
    }
    for q in known.searches() {
        for (name, filter) in known.user_filters() {
            if name != "all" && !COMBINED.contains(&q.as_str()) {
                continue;
            }
            let name = if name == "all" { format!("`{q}`") } else { format!("`{q}`, {name}") };
            push_users(&mut cases, &name, &UserFilter { q: Some(q.clone()), ..filter.clone() }, &USER_ORDERS);
        }
    }
    for q in [None, Some("t"), Some("te"), Some("neb"), Some("team"), Some("nothing-like-it")] {
        let filter = q.map_or_else(|| "all".to_owned(), |q| format!("`{q}`"));
        let question = Question::Tenants(q.map(str::to_owned));
        cases.push(Case { filter, question, depth: Depth::First });
    }
    cases
}

fn push_keys(cases: &mut Vec<Case>, name: &str, filter: &KeyFilter, orders: &[KeySortField]) {
    for (field, direction) in directions(orders) {
        for depth in DEPTHS {
            let question = Question::Keys(filter.clone(), KeySort { field, direction });
            cases.push(Case { filter: name.to_owned(), question, depth });
        }
    }
}

fn push_users(cases: &mut Vec<Case>, name: &str, filter: &UserFilter, orders: &[UserSortField]) {
    for (field, direction) in directions(orders) {
        for depth in DEPTHS {
            let question = Question::Users(filter.clone(), UserSort { field, direction });
            cases.push(Case { filter: name.to_owned(), question, depth });
        }
    }
}

/// What there is to be asked for.
struct Known {
    owner: UserId,
    big: TenantId,
    small: TenantId,
    public_id: String,
}

impl Known {
    async fn of(store: &Store, now: Timestamp) -> Self {
        let all = PageRequest { cursor: None, limit: PageRequest::MAX_LIMIT };
        let keys = store
            .list_keys(&KeyFilter::default(), KeySort::default(), &all, &Reach::Everywhere, now)
            .await
            .unwrap()
            .items;
        let tenants = store.list_tenants(None, &all, &Reach::Everywhere).await.unwrap().items;
        let numbered = |number: u32| {
            let end = format!("-{number}");
            tenants.iter().find(|tenant| tenant.id.as_str().ends_with(&end)).unwrap().id.clone()
        };
        Self {
            owner: keys.iter().find_map(|key| key.owner_id.clone()).unwrap(),
            // The first ones have most.
            big: numbered(1),
            small: numbered(u32::try_from(tenants.len()).unwrap() * 4 / 5),
            public_id: keys[0].id.to_string(),
        }
    }

    fn key_filters(&self) -> Vec<(&'static str, KeyFilter)> {
        let all = KeyFilter::default;
        let tag = |text| KeyTag::parse(text);
        vec![
            ("all but revoked", all()),
            ("revoked too", KeyFilter { include_revoked: true, ..all() }),
            ("active", KeyFilter { status: Some(KeyStatus::Active), ..all() }),
            ("expired", KeyFilter { status: Some(KeyStatus::Expired), ..all() }),
            ("revoked", KeyFilter { status: Some(KeyStatus::Revoked), ..all() }),
            ("of an owner", KeyFilter { owner_id: Some(self.owner.clone()), ..all() }),
            ("owner inactive", KeyFilter { owner_inactive: true, ..all() }),
            ("of a large tenant", KeyFilter { tenant_id: Some(self.big.clone()), ..all() }),
            ("of a small tenant", KeyFilter { tenant_id: Some(self.small.clone()), ..all() }),
            ("standard", KeyFilter { kind: Some(KeyKind::Standard), ..all() }),
            ("sandbox", KeyFilter { environment: Some(Environment::Sandbox), ..all() }),
            ("unused for 30 days", KeyFilter { unused_days: Some(30), ..all() }),
            ("unused for 90 days", KeyFilter { unused_days: Some(90), ..all() }),
            ("unused for 180 days", KeyFilter { unused_days: Some(180), ..all() }),
            ("expiring in 7 days", KeyFilter { expiring_days: Some(7), ..all() }),
            ("expiring in 90 days", KeyFilter { expiring_days: Some(90), ..all() }),
            ("with a common tag", KeyFilter { tag: tag("cost-center=eu-7"), ..all() }),
            ("with a rare tag", KeyFilter { tag: tag("project=P-0007"), ..all() }),
        ]
    }

    fn user_filters(&self) -> Vec<(&'static str, UserFilter)> {
        let all = UserFilter::default;
        vec![
            ("all", all()),
            ("inactive", UserFilter { status: Some(UserStatus::Inactive), ..all() }),
            ("active", UserFilter { status: Some(UserStatus::Active), ..all() }),
            ("user_admin", UserFilter { role: Some(BuiltInRole::UserAdmin.into()), ..all() }),
            ("user", UserFilter { role: Some(BuiltInRole::User.into()), ..all() }),
            ("local", UserFilter { source: Some(UserSource::Local), ..all() }),
            ("from an identity provider", UserFilter { source: Some(UserSource::Sso), ..all() }),
            ("not seen for 30 days", UserFilter { unseen_days: Some(30), ..all() }),
            ("not seen for 180 days", UserFilter { unseen_days: Some(180), ..all() }),
            ("of a large tenant", UserFilter { tenant_id: Some(self.big.clone()), ..all() }),
            ("of a small tenant", UserFilter { tenant_id: Some(self.small.clone()), ..all() }),
        ]
    }

    /// One and two characters, three that are rare and common, whole words, keys, and what isn't there.
    fn searches(&self) -> Vec<String> {
        let words = [
            "c",
            "an",
            "zz",
            "rk",
            "bil",
            "qzx",
            "prod",
            "nightly-eval",
            "nakamura",
            "@labs.example.org",
            "P-0",
            "no such key",
        ];
        let mut all: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        all.push(self.public_id[3..9].to_owned());
        all.push(format!("rk_prod_{}", &self.public_id[..4]));
        all
    }
}
