//! Signing in with identity providers, against one in this process.

mod attempts;
mod ends;
mod people;
mod providers;
mod takeover;

use crate::support::Bench;
use control::sign_in::{FirstStep, SignedIn, Subject, presence_of};
use control::sso::{Begun, Finished, Purpose, Returned, begin, finish, providers as operations};
use control::{Actor, Client, Error};
use model::IdentityProviderName;
use model::sso::SignInRefusal;
use serde_json::{Value, json};
use std::sync::Arc;
use testidp::{CLIENT_ID, CLIENT_SECRET, TestProvider};

/// The configured base URL.
pub(crate) const BASE: &str = "https://gw.example";

/// A provider with its registration here.
pub(crate) struct Idp {
    pub(crate) provider: Arc<TestProvider>,
    pub(crate) name: IdentityProviderName,
}

/// Claims of somebody, verified.
pub(crate) fn person(subject: &str, email: &str) -> Value {
    json!({ "sub": subject, "sid": format!("session-of-{subject}"), "name": "Jo Doe", "email": email, "email_verified": true })
}

impl Bench {
    /// Registers a provider at `https://{name}.example`, with `fields` over the usual ones.
    pub(crate) async fn idp(&self, name: &str, fields: Value) -> Idp {
        let issuer = format!("https://{name}.example");
        let now = self.control.now().as_micros() / 1_000_000;
        let provider = Arc::new(TestProvider::new(&issuer, now));
        self.providers.lock().unwrap().push(Arc::clone(&provider));
        let mut new = json!({
            "name": name, "title": name, "issuer": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
            "allowed_domains": ["Example.com"],
        });
        for (field, value) in fields.as_object().unwrap() {
            new[field] = value.clone();
        }
        let new = serde_json::from_value(new).unwrap();
        let made = operations::create(&self.control, &Actor::command_line(), new).await.unwrap();
        Idp { provider, name: made.name }
    }

    pub(crate) async fn begin(&self, idp: &Idp, purpose: Purpose<'_>) -> Result<Begun, Error> {
        begin(&self.control, &idp.name, purpose, BASE, &Client::default()).await
    }

    /// The browser goes there and comes back.
    pub(crate) async fn back(
        &self,
        idp: &Idp,
        begun: &Begun,
        actor: Option<&Actor>,
    ) -> Result<Finished, Error> {
        let to = idp.provider.authorize(&begun.url);
        let (address, query) = to.split_once('?').unwrap();
        assert_eq!(address, format!("{BASE}/login/sso/{}/callback", idp.name));
        self.finish(idp, Some(begun.cookie.expose()), query, actor).await
    }

    pub(crate) async fn finish(
        &self,
        idp: &Idp,
        cookie: Option<&str>,
        query: &str,
        actor: Option<&Actor>,
    ) -> Result<Finished, Error> {
        let client = Client::default();
        let returned = Returned { cookie, query, actor, base_url: BASE, client: &client };
        finish(&self.control, &idp.name, returned).await
    }

    /// This person signs in.
    pub(crate) async fn comes(&self, idp: &Idp, claims: Value) -> Result<FirstStep, Error> {
        idp.provider.set_person(claims);
        let begun = self.begin(idp, Purpose::SignIn { next: None }).await?;
        match self.back(idp, &begun, None).await? {
            Finished::SignedIn { step, .. } => Ok(step),
            _ => unreachable!("it was a sign-in"),
        }
    }

    /// This person signs in, and nothing stands in their way.
    pub(crate) async fn signs_in(&self, idp: &Idp, claims: Value) -> SignedIn {
        crate::support::whole(self.comes(idp, claims).await.unwrap())
    }

    /// Why this person doesn't.
    pub(crate) async fn refused(&self, idp: &Idp, claims: Value) -> SignInRefusal {
        refusal(self.comes(idp, claims).await)
    }

    pub(crate) async fn present(&self, subject: &Subject) -> Option<Actor> {
        let presence = presence_of(&self.control, subject, Client::default()).await.unwrap();
        presence.map(|presence| presence.person().clone())
    }

    /// How many accounts and identities there are.
    pub(crate) async fn people(&self) -> (u64, i64) {
        (
            self.control.store().count_users().await.unwrap(),
            self.number("SELECT COUNT(*) FROM identities").await,
        )
    }
}

#[track_caller]
pub(crate) fn refusal<T>(result: Result<T, Error>) -> SignInRefusal {
    match result {
        Err(Error::SignInRefused(why)) => why,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("nobody was refused"),
    }
}
