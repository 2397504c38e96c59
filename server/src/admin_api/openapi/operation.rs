//! One route of the Admin API, described: what it is for, what it needs, takes and gives.

use super::schemas::Shape;
use model::role::{Action, Permission, Resource};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Where the API begins.
pub(super) const BASE: &str = "/admin/api/v1";

/// A route with a method.
pub(super) struct Operation {
    pub(super) method: &'static str,
    /// Below [`BASE`], or whole for the portal's.
    pub(super) path: &'static str,
    /// Its name for programs.
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) permission: Permission,
    pub(super) description: &'static str,
    /// Of the query and of headers.
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    pub(super) status: u16,
    pub(super) answer: Answer,
    /// Codes of its 409.
    pub(super) conflicts: Vec<&'static str>,
}

/// A parameter of the query or a header.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) place: &'static str,
    pub(super) description: &'static str,
    pub(super) schema: Schema,
}

/// What a parameter must look like.
pub(super) enum Schema {
    /// A type of the API.
    Type(Shape),
    /// Something plain.
    Plain(Value),
}

/// What a request carries.
pub(super) struct Body {
    pub(super) shape: Shape,
    pub(super) required: bool,
    pub(super) example: Value,
}

/// What an operation gives when it does what it was asked for.
pub(super) enum Answer {
    /// 204.
    Nothing,
    /// JSON.
    Json(Shape),
    /// A file in one of these types.
    File(&'static [&'static str]),
}

/// Begins a description; the permission is `resource:action`.
fn operation(
    method: &'static str,
    path: &'static str,
    id: &'static str,
    (resource, action): (Resource, Action),
    summary: &'static str,
) -> Operation {
    let operation = Operation {
        method,
        path,
        id,
        summary,
        permission: Permission::new(resource, action),
        description: "",
        parameters: Vec::new(),
        body: None,
        status: 204,
        answer: Answer::Nothing,
        conflicts: Vec::new(),
    };
    if method == "post" { operation.once() } else { operation }
}

macro_rules! methods {
    ($($name:ident),*) => {$(
        #[doc = concat!("A `", stringify!($name), "`; the fourth is the permission that it needs.")]
        pub(super) fn $name(
            path: &'static str,
            id: &'static str,
            needs: (Resource, Action),
            summary: &'static str,
        ) -> Operation {
            operation(stringify!($name), path, id, needs, summary)
        }
    )*};
}

methods!(get, post, put, patch, delete);

impl Operation {
    /// More than the summary says.
    pub(super) fn says(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    /// Takes a body.
    pub(super) fn takes<T: ToSchema>(mut self, example: Value) -> Self {
        self.body = Some(Body { shape: Shape::of::<T>(), required: true, example });
        self
    }

    /// Takes a body that may be left out.
    pub(super) fn may_take<T: ToSchema>(mut self, example: Value) -> Self {
        self.body = Some(Body { shape: Shape::of::<T>(), required: false, example });
        self
    }

    /// Answers 200.
    pub(super) fn gives<T: ToSchema>(self) -> Self {
        self.answers(200, Answer::Json(Shape::of::<T>()))
    }

    /// Answers 201.
    pub(super) fn makes<T: ToSchema>(self) -> Self {
        self.answers(201, Answer::Json(Shape::of::<T>()))
    }

    /// Answers 200 with a page of a list.
    pub(super) fn lists<T: ToSchema>(self) -> Self {
        self.answers(200, Answer::Json(Shape::page_of::<T>()))
    }

    /// Answers 200 with a file.
    pub(super) fn streams(self, kinds: &'static [&'static str]) -> Self {
        self.answers(200, Answer::File(kinds))
    }

    fn answers(mut self, status: u16, answer: Answer) -> Self {
        (self.status, self.answer) = (status, answer);
        self
    }

    /// Can contradict what is there.
    pub(super) fn conflicts(mut self, codes: &[&'static str]) -> Self {
        self.conflicts.extend(codes);
        self
    }

    /// Has `cursor` and `limit`.
    pub(super) fn paged(self) -> Self {
        self.plain("cursor", "`next_cursor` of the page before.", json!({ "type": "string" })).plain(
            "limit",
            "Rows wanted; 50 when left out.",
            json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }),
        )
    }

    /// Has `q`.
    pub(super) fn searched(self, description: &'static str) -> Self {
        self.plain("q", description, json!({ "type": "string" }))
    }

    /// Has `sort`, by one of these fields.
    pub(super) fn sorted(self, fields: &[&str], description: &'static str) -> Self {
        let words: Vec<_> =
            fields.iter().flat_map(|field| [(*field).to_owned(), format!("-{field}")]).collect();
        self.plain("sort", description, json!({ "type": "string", "enum": words }))
    }

    /// Has a filter of this type.
    pub(super) fn filter<T: ToSchema>(self, name: &'static str, description: &'static str) -> Self {
        self.parameter(name, "query", description, Schema::Type(Shape::of::<T>()))
    }

    /// Has a switch.
    pub(super) fn flag(self, name: &'static str, description: &'static str) -> Self {
        self.plain(name, description, json!({ "type": "boolean", "default": false }))
    }

    /// Has a number of days.
    pub(super) fn days(self, name: &'static str, description: &'static str) -> Self {
        self.plain(name, description, json!({ "type": "integer", "minimum": 0, "maximum": u16::MAX }))
    }

    /// Has a parameter with a schema of its own.
    pub(super) fn plain(self, name: &'static str, description: &'static str, schema: Value) -> Self {
        self.parameter(name, "query", description, Schema::Plain(schema))
    }

    /// Its answer holds a secret, which no repetition gets.
    pub(super) fn gives_secret(self) -> Self {
        self.conflicts(&["already_created"])
    }

    /// Can be sent again without being done again.
    fn once(self) -> Self {
        let key = json!({ "type": "string", "pattern": r"^[\x21-\x7e]{1,255}$" });
        self.parameter(
            "Idempotency-Key",
            "header",
            "Does it once within a day: the same request again is answered as it was, with `idempotent-replayed: true`; \
             where that answer held a secret it is 409 `already_created`.",
            Schema::Plain(key),
        )
        .conflicts(&["already_done", "idempotency_key_reused"])
    }

    fn parameter(
        mut self,
        name: &'static str,
        place: &'static str,
        description: &'static str,
        schema: Schema,
    ) -> Self {
        self.parameters.push(Parameter { name, place, description, schema });
        self
    }

    /// The whole path.
    pub(super) fn full_path(&self) -> String {
        if self.is_portal() { self.path.to_owned() } else { format!("{BASE}{}", self.path) }
    }

    /// Whether it is one of the portal's, which know no session.
    pub(super) fn is_portal(&self) -> bool {
        self.path.starts_with("/admin/")
    }

    /// Whether a request without `Authorization` gets a page for people there.
    pub(super) fn is_also_a_page(&self) -> bool {
        self.is_portal() && self.method == "get" && self.in_path().next().is_none()
    }

    /// The resource's word in the path.
    pub(super) fn tag(&self) -> &'static str {
        let path = self.path.strip_prefix("/admin").unwrap_or(self.path);
        path.split('/').nth(1).unwrap_or_default()
    }

    /// The parameters in the path, in its order.
    pub(super) fn in_path(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// How it can refuse, by status.
    pub(super) fn refusals(&self) -> Vec<u16> {
        let takes_json = self.body.is_some();
        let mut all = vec![401, 403, 408, 413, 429, 500, 503];
        all.extend(takes_json.then_some(400));
        all.extend(self.in_path().next().map(|_| 404));
        all.extend((!self.conflicts.is_empty()).then_some(409));
        all.extend(self.body.as_ref().filter(|body| body.required).map(|_| 415));
        all.extend((takes_json || !self.parameters.is_empty()).then_some(422));
        all.sort_unstable();
        all
    }
}
