//! What a newcomer pastes to make the first call.

use model::ModelName;
use model::id::ModelPattern;
use model::key::KeyScope;
use model::role::{Action, Permission, PermissionSet, Resource};

/// What there are lists of in the Admin API, those first that people know best.
const LISTS: [(Resource, &str); 10] = [
    (Resource::Users, "users"),
    (Resource::Keys, "auth-keys"),
    (Resource::Tenants, "tenants"),
    (Resource::Memberships, "memberships"),
    (Resource::Roles, "roles"),
    (Resource::Models, "models"),
    (Resource::Providers, "providers"),
    (Resource::AccessRules, "access-rules"),
    (Resource::Audit, "audit"),
    (Resource::ManagementKeys, "management-keys"),
];

/// One chat message by curl, answered as a stream; the key comes from the environment.
pub fn curl(base_url: &str, model: &str) -> String {
    format!(
        "curl -N {base_url}/v1/chat/completions \\\n  \
         -H \"Authorization: Bearer $GATEHOUSE_KEY\" \\\n  \
         -H \"Content-Type: application/json\" \\\n  \
         -d '{{\"model\": \"{model}\", \"stream\": true,\n       \
         \"messages\": [{{\"role\": \"user\", \"content\": \"Hello from Gatehouse\"}}]}}'"
    )
}

/// The same with the key set first.
pub fn curl_with_key(base_url: &str, model: &str, key: &str) -> String {
    format!("export GATEHOUSE_KEY={key}\n{}", curl(base_url, model))
}

/// The same by OpenAI's Python SDK.
pub fn python(base_url: &str, model: &str) -> String {
    format!(
        "import os\nfrom openai import OpenAI\n\n\
         client = OpenAI(base_url=\"{base_url}/v1\", api_key=os.environ[\"GATEHOUSE_KEY\"])\n\
         answer = client.chat.completions.create(\n    \
         model=\"{model}\",\n    \
         messages=[{{\"role\": \"user\", \"content\": \"Hello from Gatehouse\"}}],\n\
         )\nprint(answer.choices[0].message.content)"
    )
}

/// The same by OpenAI's TypeScript SDK.
pub fn typescript(base_url: &str, model: &str) -> String {
    format!(
        "import OpenAI from \"openai\";\n\n\
         const client = new OpenAI({{ baseURL: \"{base_url}/v1\", apiKey: process.env.GATEHOUSE_KEY }});\n\
         const answer = await client.chat.completions.create({{\n  \
         model: \"{model}\",\n  \
         messages: [{{ role: \"user\", content: \"Hello from Gatehouse\" }}],\n\
         }});\nconsole.log(answer.choices[0].message.content);"
    )
}

/// The same by Anthropic's Python SDK.
pub fn anthropic_python(base_url: &str, model: &str) -> String {
    format!(
        "import os\nfrom anthropic import Anthropic\n\n\
         client = Anthropic(base_url=\"{base_url}\", api_key=os.environ[\"GATEHOUSE_KEY\"])\n\
         answer = client.messages.create(\n    \
         model=\"{model}\",\n    max_tokens=200,\n    \
         messages=[{{\"role\": \"user\", \"content\": \"Hello from Gatehouse\"}}],\n\
         )\nprint(answer.content[0].text)"
    )
}

/// The same by Anthropic's TypeScript SDK.
pub fn anthropic_typescript(base_url: &str, model: &str) -> String {
    format!(
        "import Anthropic from \"@anthropic-ai/sdk\";\n\n\
         const client = new Anthropic({{ baseURL: \"{base_url}\", apiKey: process.env.GATEHOUSE_KEY }});\n\
         const answer = await client.messages.create({{\n  \
         model: \"{model}\",\n  max_tokens: 200,\n  \
         messages: [{{ role: \"user\", content: \"Hello from Gatehouse\" }}],\n\
         }});\nconsole.log(answer.content);"
    )
}

/// A list of the Admin API that a management key may read, by curl with the key in it.
pub fn admin_curl(base_url: &str, permissions: PermissionSet, key: &str) -> String {
    let may = |resource: Resource| permissions.contains(Permission::new(resource, Action::Read));
    let list = LISTS.iter().find(|(resource, _)| may(*resource)).map_or("users", |(_, list)| *list);
    format!("curl -H \"Authorization: Bearer {key}\" {base_url}/admin/api/v1/{list}")
}

/// The model that a first call names: the built-in one if it is there.
pub fn first_model(models: &[ModelName]) -> String {
    let echo = models.iter().find(|model| model.as_str() == "echo");
    echo.or(models.first()).map_or_else(|| "echo".to_owned(), ToString::to_string)
}

/// The same among those that a key may call.
pub fn first_model_of(models: &[ModelName], scope: &KeyScope) -> String {
    let named = |pattern: &ModelPattern, name: &ModelName| pattern.matches(name.as_str());
    let may = |name: &&ModelName| {
        scope.allowed_models.as_ref().is_none_or(|list| list.iter().any(|pattern| named(pattern, name)))
            && !scope.denied_models.iter().any(|pattern| named(pattern, name))
    };
    first_model(&models.iter().filter(may).cloned().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_call_names_what_the_key_may_call() {
        let models = ["claude", "echo", "gpt-4o"].map(|name| name.parse().unwrap());
        let mut scope = KeyScope::default();
        assert_eq!(first_model_of(&models, &scope), "echo");
        scope.denied_models = vec!["e*".parse().unwrap()];
        assert_eq!(first_model_of(&models, &scope), "claude");
        scope.allowed_models = Some(vec!["gpt-*".parse().unwrap()]);
        assert_eq!(first_model_of(&models, &scope), "gpt-4o");
    }

    #[test]
    fn a_management_key_reads_what_it_may() {
        let read = |resource| PermissionSet::NONE.with(resource, Action::Read);
        let line = |permissions| admin_curl("http://localhost:8080", permissions, "mk_1");
        let users = "curl -H \"Authorization: Bearer mk_1\" http://localhost:8080/admin/api/v1/users";
        assert_eq!(line(PermissionSet::ALL), users);
        assert!(line(read(Resource::Keys).or(read(Resource::Audit))).ends_with("/auth-keys"));
        assert_eq!(line(PermissionSet::NONE), users);
    }

    #[test]
    fn the_curl_line_is_one_command() {
        let text = curl("http://localhost:8080", "echo");
        assert!(text.starts_with("curl -N http://localhost:8080/v1/chat/completions \\\n  -H"));
        let (head, body) = text.split_once("-d '").unwrap();
        assert!(head.trim_end().lines().all(|line| line.ends_with('\\') || line.trim().is_empty()));
        let body: serde_json::Value = serde_json::from_str(body.trim_end_matches('\'')).unwrap();
        assert_eq!(body["model"], "echo");
        assert_eq!(body["stream"], true);
    }
}
