//! What the form and the empty list say about single products.

use model::sso::Preset;

/// An issuer of this product, as an example.
pub const fn example_issuer(preset: Preset) -> &'static str {
    match preset {
        Preset::Okta => "https://example.okta.com",
        Preset::Auth0 => "https://example.eu.auth0.com/",
        Preset::Entra => "https://login.microsoftonline.com/8f2c…/v2.0",
        Preset::Google => "https://accounts.google.com",
        Preset::Keycloak => "https://keycloak.example.com/realms/main",
        Preset::Generic => "https://idp.example.com",
    }
}

/// Where this product shows its issuer.
pub const fn issuer_hint(preset: Preset) -> &'static str {
    match preset {
        Preset::Okta => {
            "Your organization's address; with a custom authorization server it ends in /oauth2/default or /oauth2/ and its id."
        }
        Preset::Auth0 => "The application's Domain with https:// before it and a slash at its end.",
        Preset::Entra => "With the Directory (tenant) ID in the middle; common and organizations don't work.",
        Preset::Google => "Exactly this address.",
        Preset::Keycloak => "The realm's address.",
        Preset::Generic => "What \"issuer\" says in its /.well-known/openid-configuration, to the letter.",
    }
}

/// Where this product's role or group claim comes from.
pub const fn claim_hint(preset: Preset) -> &'static str {
    match preset {
        Preset::Okta => {
            "Okta sends groups once the application has a groups claim filter: Sign On, OpenID Connect ID Token."
        }
        Preset::Auth0 => {
            "Auth0 sends roles once an Action adds them under a name of its own, such as https://gatehouse/roles."
        }
        Preset::Entra => {
            "Entra sends the ids of groups, or app roles in roles: Token configuration, App roles."
        }
        Preset::Google => "Google sends no groups: hd is the organization's domain.",
        Preset::Keycloak => {
            "Keycloak sends roles in /realm_access/roles; a mapper must add them to the ID token."
        }
        Preset::Generic => "Rules of the role mapping read any claim.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_told_apart() {
        for preset in Preset::ALL {
            let others = Preset::ALL.into_iter().filter(|other| *other != preset);
            assert!(others.into_iter().all(|other| example_issuer(other) != example_issuer(preset)));
            assert!(example_issuer(preset).starts_with("https://"));
        }
    }
}
