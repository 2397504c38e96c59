//! The reference page, made from the document: complete in one file, without a script, so it works offline and under the
//! strictest policy.

use super::document::document;
use super::schemas::name_of;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::LazyLock;

static PAGE: LazyLock<String> = LazyLock::new(|| render(&document()));

/// Nothing but our own style sheet is loaded.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// `GET /admin/api/docs`. Open to everybody, as the document is.
pub(crate) async fn page() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (headers, PAGE.as_str()).into_response()
}

/// `GET /admin/api/docs.css`.
pub(crate) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("page.css")).into_response()
}

/// An operation where it stands in the document.
struct Route<'a> {
    method: &'a str,
    path: &'a str,
    operation: &'a Value,
}

fn render(document: &Value) -> String {
    let routes = routes(document);
    let tags: Vec<_> = items(&document["tags"]).map(|tag| (text(&tag["name"]), tag)).collect();
    let of = |tag: &str| {
        routes.iter().filter(|route| text(&route.operation["tags"][0]) == tag).collect::<Vec<_>>()
    };
    let contents: String = tags.iter().map(|(name, _)| contents(name, &of(name))).collect();
    let sections: Vec<_> = tags
        .iter()
        .map(|(name, tag)| {
            let operations: String = of(name).into_iter().map(article).collect();
            let about = prose(text(&tag["description"]));
            format!("<section id=\"{name}\"><h2>{name}</h2><p>{about}</p>{operations}</section>")
        })
        .collect();
    let sections = sections.concat();
    let types: String = fields(&document["components"]["schemas"])
        .map(|(name, schema)| described_type(name, schema))
        .collect();
    let about = prose(text(&document["info"]["description"]));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Gatehouse Admin API</title><link rel=\"stylesheet\" href=\"docs.css\"></head><body>\
         <nav aria-label=\"Resources\"><h1>Admin API</h1><ul>{contents}<li><a href=\"#types\">Types</a></li></ul></nav>\
         <main><p>{about}</p><p>The same as <a href=\"openapi.json\">OpenAPI 3.1</a>, for programs.</p>\
         {sections}<section id=\"types\"><h2>Types</h2>{types}</section></main></body></html>"
    )
}

fn routes(document: &Value) -> Vec<Route<'_>> {
    let paths = fields(&document["paths"]);
    let each = paths.flat_map(|(path, methods)| {
        fields(methods).map(move |(method, operation)| Route { method, path, operation })
    });
    each.collect()
}

fn contents(tag: &str, routes: &[&Route<'_>]) -> String {
    let links: Vec<_> = routes
        .iter()
        .map(|route| {
            let id = escape(text(&route.operation["operationId"]));
            format!("<li><a href=\"#{id}\">{}</a></li>", escape(text(&route.operation["summary"])))
        })
        .collect();
    format!("<li><a href=\"#{tag}\">{tag}</a><ul>{}</ul></li>", links.concat())
}

fn article(route: &Route<'_>) -> String {
    let Route { method, path, operation } = route;
    let id = escape(text(&operation["operationId"]));
    let summary = escape(text(&operation["summary"]));
    let address = format!("<code><b>{}</b> {}</code>", method.to_uppercase(), escape(path));
    let needs = escape(text(&operation["x-permission"]));
    let more = prose(text(&operation["description"]));
    let parameters = parameters(&operation["parameters"]);
    let (body, example) = body(&operation["requestBody"]);
    let curl = escape(&curl(route, example));
    let answers: String =
        fields(&operation["responses"]).map(|(status, answer)| one_answer(status, answer)).collect();
    format!(
        "<article id=\"{id}\"><h3>{summary}</h3><p>{address}</p><p>{more}</p>\
         <p>Needs <code>{needs}</code>.</p>{parameters}{body}<pre>{curl}</pre>\
         <h4>Answers</h4><dl>{answers}</dl></article>"
    )
}

fn parameters(parameters: &Value) -> String {
    let rows: String = items(parameters)
        .map(|parameter| {
            let place = text(&parameter["in"]);
            let name = escape(text(&parameter["name"]));
            row(&name, &kind(&parameter["schema"]), place, text(&parameter["description"]))
        })
        .collect();
    table("Parameters", &rows)
}

fn body(body: &Value) -> (String, Option<&Value>) {
    let content = &body["content"]["application/json"];
    if content.is_null() {
        return (String::new(), None);
    }
    let needed = if body["required"] == true { "" } else { ", may be left out" };
    (format!("<p>Takes {}{needed}.</p>", kind(&content["schema"])), Some(&content["example"]))
}

fn one_answer(status: &str, answer: &Value) -> String {
    let status = escape(status);
    if let Some(reference) = answer["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return format!("<dt>{status}</dt><dd>{}</dd>", escape(name));
    }
    let shapes: Vec<_> = fields(&answer["content"]).map(|(_, content)| kind(&content["schema"])).collect();
    let example = &answer["content"]["application/json"]["example"];
    let example = if example.is_null() {
        String::new()
    } else {
        format!("<details><summary>Example</summary><pre>{}</pre></details>", escape(&format!("{example:#}")))
    };
    let said = prose(text(&answer["description"]));
    format!("<dt>{status}</dt><dd>{said} {}{example}</dd>", shapes.join(", "))
}

fn described_type(name: &str, schema: &Value) -> String {
    let required: Vec<_> = items(&schema["required"]).filter_map(Value::as_str).collect();
    let rows: String = fields(&schema["properties"])
        .map(|(field, schema)| {
            let needed = if required.contains(&field) { "required" } else { "" };
            row(&escape(field), &kind(schema), needed, text(&schema["description"]))
        })
        .collect();
    let said = prose(text(&schema["description"]));
    let form = if rows.is_empty() { format!("<p>{}</p>", kind(schema)) } else { table("Fields", &rows) };
    let pattern = schema["pattern"]
        .as_str()
        .map_or(String::new(), |pattern| format!("<p>Pattern: <code>{}</code></p>", escape(pattern)));
    let name = escape(name);
    format!("<article id=\"type-{name}\"><h3>{name}</h3><p>{said}</p>{form}{pattern}</article>")
}

/// A type in words, with links to those that have a name.
fn kind(schema: &Value) -> String {
    if let Some(name) = name_of(schema) {
        let name = escape(name);
        return format!("<a href=\"#type-{name}\">{name}</a>");
    }
    if let Some(choices) = ["oneOf", "anyOf"].iter().find_map(|word| schema[word].as_array()) {
        return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if schema["enum"].is_array() {
        let words = items(&schema["enum"]).map(|word| format!("<code>{}</code>", escape(text(word))));
        return words.collect::<Vec<_>>().join(", ");
    }
    let names: Vec<_> = match &schema["type"] {
        Value::Array(several) => several.iter().map(text).collect(),
        one => vec![text(one)],
    };
    let words = names.into_iter().map(|name| match name {
        "array" => format!("list of {}", kind(&schema["items"])),
        "" => "anything".to_owned(),
        name => escape(name),
    });
    words.collect::<Vec<_>>().join(" or ")
}

/// The call as people type it.
fn curl(route: &Route<'_>, example: Option<&Value>) -> String {
    let method = route.method.to_uppercase();
    let mut lines = vec![
        format!("curl -X {method} \"$GATEHOUSE_URL{}\"", route.path),
        "  -H \"Authorization: Bearer $GATEHOUSE_MASTER_KEY\"".to_owned(),
    ];
    if let Some(example) = example {
        lines.push("  -H \"Content-Type: application/json\"".to_owned());
        lines.push(format!("  -d '{}'", example.to_string().replace('\'', "'\\''")));
    }
    lines.join(" \\\n")
}

fn table(title: &str, rows: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    format!("<h4>{title}</h4><div class=\"wide\" tabindex=\"0\"><table>{rows}</table></div>")
}

fn row(name: &str, kind: &str, note: &str, description: &str) -> String {
    let (note, said) = (escape(note), prose(description));
    format!(
        "<tr><th scope=\"row\"><code>{name}</code></th><td>{kind}</td><td>{note}</td><td>{said}</td></tr>"
    )
}

/// Text with its `code` set as such.
fn prose(text: &str) -> String {
    let parts = escape(text);
    let mut inside = false;
    let mut set = String::with_capacity(parts.len());
    for part in parts.split('`') {
        if inside {
            set.push_str("<code>");
            set.push_str(part);
            set.push_str("</code>");
        } else {
            set.push_str(part);
        }
        inside = !inside;
    }
    set
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_document_is_never_markup() {
        assert_eq!(prose("a <b> `x & y`"), "a &lt;b&gt; <code>x &amp; y</code>");
    }

    #[test]
    fn the_page_has_every_operation_and_no_script() {
        let document = document();
        let page = render(&document);
        for route in routes(&document) {
            let id = text(&route.operation["operationId"]);
            assert!(page.contains(&format!("<article id=\"{id}\">")), "{id}");
        }
        assert!(!page.contains("<script") && !page.contains("style=") && !page.contains("http://"));
    }
}
