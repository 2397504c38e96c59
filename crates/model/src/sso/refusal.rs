//! Why a sign-in with an identity provider came to nothing, in the fixed words that people are told.

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRefusal {
    /// There is no such provider, or it is switched off.
    NotOffered,
    /// The provider said no, or whoever sat there did.
    ProviderRefused,
    /// The attempt took too long, or was finished before.
    AttemptOver,
    /// It was begun in another browser.
    OtherBrowser,
    /// The provider doesn't answer.
    ProviderUnreachable,
    /// What the provider answered isn't to be believed.
    ProviderAnswer,
    /// The provider gave no e-mail address.
    EmailMissing,
    /// The provider doesn't vouch for the e-mail address.
    EmailUnverified,
    /// The domain of the e-mail address isn't allowed.
    DomainNotAllowed,
    /// Another account has the e-mail address.
    EmailTaken,
    /// The account is Inactive.
    AccountInactive,
    /// No rule lets them in.
    NoAccess,
    /// Another person came back than had gone.
    OtherPerson,
    /// Too many attempts are under way.
    TooManyAttempts,
}

impl SignInRefusal {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::NotOffered,
        Self::ProviderRefused,
        Self::AttemptOver,
        Self::OtherBrowser,
        Self::ProviderUnreachable,
        Self::ProviderAnswer,
        Self::EmailMissing,
        Self::EmailUnverified,
        Self::DomainNotAllowed,
        Self::EmailTaken,
        Self::AccountInactive,
        Self::NoAccess,
        Self::OtherPerson,
        Self::TooManyAttempts,
    ];

    /// The word in addresses, in the audit log and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotOffered => "not_offered",
            Self::ProviderRefused => "provider_refused",
            Self::AttemptOver => "attempt_over",
            Self::OtherBrowser => "other_browser",
            Self::ProviderUnreachable => "provider_unreachable",
            Self::ProviderAnswer => "provider_answer",
            Self::EmailMissing => "email_missing",
            Self::EmailUnverified => "email_unverified",
            Self::DomainNotAllowed => "domain_not_allowed",
            Self::EmailTaken => "email_taken",
            Self::AccountInactive => "account_inactive",
            Self::NoAccess => "no_access",
            Self::OtherPerson => "other_person",
            Self::TooManyAttempts => "too_many_sign_ins",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.as_str() == text)
    }

    /// What happened and what to do, for whoever wanted to sign in.
    pub const fn explain(self) -> &'static str {
        match self {
            Self::NotOffered => "Nobody can sign in that way here. Take one of the ways below.",
            Self::ProviderRefused => {
                "The identity provider didn't sign you in. Try again; if that stays, ask whoever runs it whether you may use Gatehouse."
            }
            Self::AttemptOver => {
                "This sign-in took too long, or was finished before. Begin anew: there are ten minutes for it."
            }
            Self::OtherBrowser => {
                "This sign-in was begun in another browser, or this browser keeps no cookies. Begin anew here."
            }
            Self::ProviderUnreachable => {
                "The identity provider can't be reached at the moment. Try again in a minute; if that stays, tell an operator."
            }
            Self::ProviderAnswer => {
                "What the identity provider answered can't be trusted, so nobody was signed in. Tell an operator: the audit log says what was wrong."
            }
            Self::EmailMissing => {
                "The identity provider gave no e-mail address, and an account needs one. Tell an operator."
            }
            Self::EmailUnverified => {
                "The identity provider doesn't say that your e-mail address is verified. Verify it there, then sign in again."
            }
            Self::DomainNotAllowed => {
                "People with an e-mail address of your domain get no account here by themselves. Ask an operator."
            }
            Self::EmailTaken => {
                "An account here has your e-mail address, and isn't joined with this identity provider. Sign in as before, or ask an operator."
            }
            Self::AccountInactive => "Your account here is Inactive. Ask an operator to set it Active.",
            Self::NoAccess => {
                "Nothing that the identity provider says of you gives you access. Ask an operator."
            }
            Self::OtherPerson => {
                "The identity provider signed in somebody else than the account that you use here. Nothing was changed."
            }
            Self::TooManyAttempts => {
                "Too many sign-ins are under way from your network. Try again in a few minutes."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_its_own() {
        for refusal in SignInRefusal::ALL {
            assert_eq!(SignInRefusal::parse(refusal.as_str()), Some(refusal));
        }
        assert_eq!(SignInRefusal::parse("<script>"), None);
    }
}
