//! What a new password has to be: long enough, and not among the first that somebody would try who knows the account.
//! Every operation that sets one asks here.

use crate::{Control, Error};
use identity::password::Password;
use model::error::FieldError;
use model::id::TenantId;
use model::user::{NewUser, User, check_password};

/// Too near to be secret, whatever the installation.
const PRODUCT: [&str; 3] = ["gatehouse", "gateway", "administrator"];
/// Shorter ones turn up in anything.
const SHORTEST_WORD: usize = 3;

/// Whose password it is to be: what anybody knows who knows the account.
pub(crate) struct Whose<'a> {
    name: &'a str,
    email: &'a str,
    organization_unit: Option<&'a str>,
    tenants: &'a [TenantId],
}

impl<'a> From<&'a NewUser> for Whose<'a> {
    fn from(new: &'a NewUser) -> Self {
        Self {
            name: &new.name,
            email: &new.email,
            organization_unit: new.organization_unit.as_deref(),
            tenants: &[],
        }
    }
}

impl<'a> From<&'a User> for Whose<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            name: &user.name,
            email: &user.email,
            organization_unit: user.organization_unit.as_deref(),
            tenants: &user.tenant_ids,
        }
    }
}

impl Whose<'_> {
    /// The words, whole and in their parts: of `ada.lovelace@example.com` also `ada`, `lovelace` and `example`.
    fn words(&self) -> Vec<String> {
        let own = [self.name, self.email].into_iter().chain(self.organization_unit);
        let own = own.chain(self.tenants.iter().map(TenantId::as_str));
        let local_part = self.email.split('@').next();
        let parts = own.clone().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
        let words = PRODUCT.into_iter().chain(own).chain(local_part).chain(parts);
        words.filter(|word| word.chars().count() >= SHORTEST_WORD).map(str::to_owned).collect()
    }
}

/// What is wrong with `password` as a new one, at the field `password`; `None` when nothing is.
pub(crate) async fn check(
    control: &Control,
    password: &Password,
    whose: impl Into<Whose<'_>>,
) -> Result<Option<FieldError>, Error> {
    let length = check_password(password.expose());
    if length.is_some() {
        return Ok(length);
    }
    let guessable = control.0.hasher.is_guessable(password, whose.into().words()).await?;
    Ok(guessable.then(|| {
        FieldError::new(
            "password",
            "is among the first that would be guessed: it is a common one, a pattern, or made of names and dates; take a few words that don't belong together",
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_whole_and_in_parts() {
        let tenants = [TenantId::default_tenant()];
        let whose = Whose {
            name: "Ada Lovelace",
            email: "a.lovelace@engines.example",
            organization_unit: Some("R&D Bath"),
            tenants: &tenants,
        };
        let words = whose.words();
        for word in
            ["gatehouse", "Ada Lovelace", "Ada", "a.lovelace", "lovelace", "engines", "Bath", "default"]
        {
            assert!(words.iter().any(|w| w == word), "{word}");
        }
        assert!(!words.iter().any(|word| word == "a" || word == "R"), "{words:?}");
    }
}
