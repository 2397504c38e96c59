//! What the server says of itself (RFC 7643 §5 to §7).

use super::schema::{Attribute, GROUPS, Schema, USERS};
use super::{ENTERPRISE_USER, GROUP, USER, list};
use serde_json::{Value, json};

const CONFIGURATION: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// What of SCIM there is.
pub fn service_provider_config() -> Value {
    json!({
        "schemas": [CONFIGURATION],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": list::MOST },
        "changePassword": { "supported": false },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "The token of a SCIM client, as Authorization: Bearer",
            "primary": true,
        }],
        "meta": { "resourceType": "ServiceProviderConfig" },
    })
}

/// The types of resources.
pub fn resource_types() -> Vec<Value> {
    vec![
        json!({
            "schemas": [RESOURCE_TYPE],
            "id": "User",
            "name": "User",
            "endpoint": "/Users",
            "description": USERS.description,
            "schema": USER,
            "schemaExtensions": [{ "schema": ENTERPRISE_USER, "required": false }],
            "meta": { "resourceType": "ResourceType" },
        }),
        json!({
            "schemas": [RESOURCE_TYPE],
            "id": "Group",
            "name": "Group",
            "endpoint": "/Groups",
            "description": GROUPS.description,
            "schema": GROUP,
            "meta": { "resourceType": "ResourceType" },
        }),
    ]
}

/// The schemas, those of extensions too.
pub fn schemas() -> Vec<Value> {
    let whole =
        [&USERS, &GROUPS].into_iter().flat_map(|schema| std::iter::once(schema).chain(schema.extensions));
    whole.map(schema).collect()
}

fn schema(schema: &Schema) -> Value {
    json!({
        "schemas": [SCHEMA],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": schema.attributes.iter().map(attribute).collect::<Vec<_>>(),
        "meta": { "resourceType": "Schema" },
    })
}

fn attribute(attribute: &Attribute) -> Value {
    let mut said = json!({
        "name": attribute.name,
        "type": attribute.kind.as_str(),
        "multiValued": attribute.many,
        "description": attribute.description,
        "required": attribute.required,
        "caseExact": attribute.case_exact,
        "mutability": attribute.mutability.as_str(),
        "returned": attribute.returned.as_str(),
        "uniqueness": attribute.uniqueness.as_str(),
    });
    let parts = attribute.sub_attributes();
    if !parts.is_empty() {
        said["subAttributes"] = parts.iter().map(self::attribute).collect();
    }
    if !attribute.canonical.is_empty() {
        said["canonicalValues"] = json!(attribute.canonical);
    }
    if !attribute.references.is_empty() {
        said["referenceTypes"] = json!(attribute.references);
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_name_what_the_tables_name() {
        let schemas = schemas();
        let ids: Vec<_> = schemas.iter().map(|schema| schema["id"].as_str().unwrap()).collect();
        assert_eq!(ids, [USER, ENTERPRISE_USER, GROUP]);
        let user_name = &schemas[0]["attributes"][0];
        assert_eq!(
            (&user_name["name"], &user_name["required"], &user_name["uniqueness"]),
            (&json!("userName"), &json!(true), &json!("server"))
        );
        let named = |name: &str| {
            let all = schemas[0]["attributes"].as_array().unwrap();
            all.iter().find(|attribute| attribute["name"] == name).cloned()
        };
        assert_eq!(named("emails").unwrap()["subAttributes"][0]["name"], "value");
        assert!(named("password").is_none(), "passwords are the identity provider's");
        for reached in resource_types().iter().map(|kind| kind["schema"].as_str().unwrap().to_owned()) {
            assert!(ids.contains(&reached.as_str()), "{reached}");
        }
    }
}
