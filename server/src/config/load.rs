//! Reading the configuration: the file, then `${VARIABLES}` inside its strings, then `GATEHOUSE__…` variables over it.

use super::Config;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "gatehouse.yaml";
const PREFIX: &str = "GATEHOUSE__";

/// Why the configuration can't be used. Says where and what to do; never shows a value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{}: {source}", file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    #[error("{}: {message}", file.display())]
    File { file: PathBuf, message: String },
    #[error("{field}: the variable {variable} is not set (write ${{{variable}:-…}} for a default)")]
    Unset { field: String, variable: String },
    #[error("{variable}: {message}")]
    Variable { variable: String, message: String },
    #[error("{}", .0.join("\n"))]
    Invalid(Vec<String>),
}

/// Loads the configuration from `file`, or from `gatehouse.yaml` if that exists, with `variables` over it.
pub(crate) fn load(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Config, Error> {
    let variables: Vec<_> = variables.collect();
    let (mut value, with_line) = match file {
        Some(file) => read(file)?,
        None if Path::new(DEFAULT_FILE).exists() => read(Path::new(DEFAULT_FILE))?,
        None => (Value::Object(Map::new()), None),
    };
    expand(&mut value, "", &variables)?;
    let mut config = typed(&value).map_err(|message| with_line.unwrap_or(Error::Invalid(vec![message])))?;
    for (variable, text) in variables.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        (value, config) = overlay(&value, variable, text)?;
    }
    config.file = file.unwrap_or(Path::new(DEFAULT_FILE)).display().to_string();
    let errors = config.check();
    if errors.is_empty() { Ok(config) } else { Err(Error::Invalid(errors)) }
}

/// The file's content, and the error of a first strict reading if it had one: only that reading knows lines, but it
/// also trips over `${VARIABLES}` in fields that take no text, which is fine once they are expanded.
fn read(file: &Path) -> Result<(Value, Option<Error>), Error> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| Error::Unreadable { file: file.to_owned(), source })?;
    let error = |message| Error::File { file: file.to_owned(), message };
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok((Value::Object(Map::new()), None));
    }
    let strict = serde_saphyr::from_str::<Config>(&text).err();
    let with_line = strict.map(|problem| error(redact(&problem.to_string())));
    let value =
        serde_saphyr::from_str::<Value>(&text).map_err(|problem| error(redact(&problem.to_string())))?;
    Ok((value, with_line))
}

/// The first line of a parser's message: it has the place and the reason; the lines after it quote the file, which may
/// hold secrets.
fn redact(message: &str) -> String {
    message.lines().next().unwrap_or("can't be parsed").to_owned()
}

fn typed(value: &Value) -> Result<Config, String> {
    serde_json::from_value(value.clone()).map_err(|error| error.to_string())
}

/// Replaces `${NAME}` and `${NAME:-default}` in every string; `$${` stands for a plain `${`.
fn expand(value: &mut Value, path: &str, variables: &[(String, String)]) -> Result<(), Error> {
    match value {
        Value::String(text) if text.contains("${") => *text = expand_text(text, path, variables)?,
        Value::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                expand(item, &format!("{path}[{at}]"), variables)?;
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                expand(field, &path, variables)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn expand_text(text: &str, path: &str, variables: &[(String, String)]) -> Result<String, Error> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            out.push_str(&rest[..at]);
            out.push('{');
            rest = &rest[at + 2..];
            continue;
        }
        let Some(end) = rest[at..].find('}') else { break };
        let inside = &rest[at + 2..at + end];
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inside, None),
        };
        let found = variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let replacement = found
            .or(default)
            .ok_or_else(|| Error::Unset { field: path.to_owned(), variable: name.to_owned() })?;
        out.push_str(&rest[..at]);
        out.push_str(replacement);
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Puts one variable over the configuration: as text if the field takes text, else as YAML.
fn overlay(value: &Value, variable: &str, text: &str) -> Result<(Value, Config), Error> {
    let path: Vec<String> = variable[PREFIX.len()..].split("__").map(str::to_ascii_lowercase).collect();
    let as_text = with(value, &path, Value::String(text.to_owned()));
    let first = match typed(&as_text) {
        Ok(config) => return Ok((as_text, config)),
        Err(message) => message,
    };
    if let Ok(parsed) = serde_saphyr::from_str::<Value>(text) {
        let as_yaml = with(value, &path, parsed);
        if let Ok(config) = typed(&as_yaml) {
            return Ok((as_yaml, config));
        }
    }
    // serde quotes the offending value; a variable may hold a secret.
    let message = if text.is_empty() { first } else { first.replace(text, "…") };
    Err(Error::Variable { variable: variable.to_owned(), message })
}

fn with(value: &Value, path: &[String], leaf: Value) -> Value {
    let Some((first, rest)) = path.split_first() else { return leaf };
    let mut fields = value.as_object().cloned().unwrap_or_default();
    let inner = fields.get(first).cloned().unwrap_or(Value::Null);
    fields.insert(first.clone(), with(&inner, rest, leaf));
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::second_factor::SecondFactorRule;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn load_text(text: &str, pairs: &[(&str, &str)]) -> Result<Config, Error> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gatehouse.yaml");
        std::fs::write(&file, text).unwrap();
        load(Some(&file), variables(pairs).into_iter())
    }

    #[test]
    fn nothing_configured_is_fine() {
        let config = load_text("# empty\n", &[]).unwrap();
        assert_eq!(config.server.listen.port(), 8080);
        assert!(config.echo.enabled);
    }

    #[test]
    fn the_seed_configuration_is_taken_with_its_variables() {
        let text = "edition:\n  name: enterprise\nidentity:\n  enabled: true\n  jwt_secret: \"${JWT}\"\n  \
                    admin_email: \"admin@example.com\"\n  admin_password: \"${PASSWORD}\"\n";
        let config = load_text(text, &[("JWT", "a"), ("PASSWORD", "b#: \"c")]).unwrap();
        assert_eq!(config.identity.admin_password.unwrap().expose(), "b#: \"c");
    }

    #[test]
    fn an_unknown_key_names_its_line() {
        let error = load_text("server:\n  listen: 127.0.0.1:0\n  lisen: x\n", &[]).unwrap_err().to_string();
        assert!(error.contains("lisen"), "{error}");
        assert!(error.contains("line 3"), "{error}");
    }

    #[test]
    fn variables_win_over_the_file_and_may_hold_any_type() {
        let config = load_text(
            "server:\n  drain_seconds: 5\n",
            &[
                ("GATEHOUSE__SERVER__DRAIN_SECONDS", "7"),
                ("GATEHOUSE__MASTER_KEY", "1234567890123456"),
                ("GATEHOUSE__ECHO__ENABLED", "false"),
            ],
        )
        .unwrap();
        assert_eq!(config.server.drain_seconds, 7);
        assert_eq!(config.master_key.unwrap().expose(), "1234567890123456");
        assert!(!config.echo.enabled);
    }

    #[test]
    fn who_must_have_a_second_factor_is_a_word() {
        let rule = |text: &str, pairs: &[(&str, &str)]| {
            load_text(text, pairs).map(|config| config.identity.require_second_factor)
        };
        for (word, meant) in [
            ("off", SecondFactorRule::Off),
            ("\"off\"", SecondFactorRule::Off),
            ("admins", SecondFactorRule::Admins),
            ("everyone", SecondFactorRule::Everyone),
        ] {
            let text = format!("identity: {{require_second_factor: {word}}}\n");
            assert_eq!(rule(&text, &[]).unwrap(), meant, "{word}");
            let variable = [("GATEHOUSE__IDENTITY__REQUIRE_SECOND_FACTOR", word.trim_matches('"'))];
            assert_eq!(rule("", &variable).unwrap(), meant, "{word}");
        }
        for wrong in ["on", "true", "some", "1"] {
            let text = format!("identity: {{require_second_factor: {wrong}}}\n");
            let error = rule(&text, &[]).unwrap_err().to_string();
            assert!(error.contains("must be off, admins or everyone"), "{wrong}: {error}");
        }
    }

    #[test]
    fn errors_name_the_variable_but_never_its_value() {
        let error = load_text("", &[("GATEHOUSE__SERVER__PASSWROD", "canary")]).unwrap_err().to_string();
        assert!(error.contains("GATEHOUSE__SERVER__PASSWROD"), "{error}");
        let error = load_text("", &[("GATEHOUSE__SERVER__LISTEN", "canary")]).unwrap_err().to_string();
        assert!(!error.contains("canary"), "{error}");
    }

    #[test]
    fn an_unset_variable_names_the_field() {
        let error = load_text("master_key: ${NOT_THERE}\n", &[]).unwrap_err().to_string();
        assert!(error.contains("master_key") && error.contains("NOT_THERE"), "{error}");
        assert!(load_text("master_key: ${NOT_THERE:-0123456789abcdef}\n", &[]).is_ok());
    }

    #[test]
    fn models_must_point_at_known_providers() {
        let text = "models:\n  - name: m\n    targets: [{provider: nobody, upstream_model: x}]\n";
        let error = load_text(text, &[]).unwrap_err().to_string();
        assert!(error.contains("models[0].targets[0].provider"), "{error}");
    }
}
