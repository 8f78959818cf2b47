//! Looking into JSON of which nothing is certain.

use serde_json::Value;

/// Returns the text at a place, if there is one and it is not empty.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

/// Returns the number at a place: whole and not negative, however it is written.
pub(super) fn number(value: &Value, pointer: &str) -> Option<u64> {
    let found = value.pointer(pointer)?;
    // Nothing here is counted beyond what a whole number can hold, and a fraction of a percent changes nothing.
    #[expect(clippy::cast_sign_loss, reason = "negative numbers are cut off just before")]
    let rounded = |number: f64| number.round().clamp(0.0, 1e15) as u64;
    found.as_u64().or_else(|| found.as_f64().map(rounded))
}

/// Returns the number at a place, 0 if there is none.
pub(super) fn count(value: &Value, pointer: &str) -> u64 {
    number(value, pointer).unwrap_or_default()
}

/// Returns whether the value at a place is `true`.
pub(super) fn flag(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).and_then(Value::as_bool).unwrap_or_default()
}

/// Returns the items of a list at a place; none if there is no list.
pub(super) fn items<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns the texts of an object at a place, by key; numbers and booleans as they are written.
pub(super) fn texts(value: &Value, pointer: &str) -> Vec<(String, String)> {
    let object = value.pointer(pointer).and_then(Value::as_object);
    let pairs = object.into_iter().flatten().filter_map(|(key, value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        Some((key.clone(), text))
    });
    pairs.collect()
}

/// Returns the pairs of a list of `{ name, value }` at a place, under whatever keys they have.
pub(super) fn pairs(value: &Value, pointer: &str, key: &str, of: &str) -> Vec<(String, String)> {
    let pairs = items(value, pointer).iter().filter_map(|pair| {
        Some((pair.get(key)?.as_str()?.to_owned(), pair.get(of)?.as_str()?.to_owned()))
    });
    pairs.collect()
}

/// Returns the moment at a place as seconds, for ordering; written in RFC 3339 or as a number of seconds.
pub(super) fn moment(value: &Value, pointer: &str) -> i64 {
    let written = text(value, pointer).and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let seconds = || number(value, pointer).and_then(|seconds| i64::try_from(seconds).ok());
    written.map(jiff::Timestamp::as_second).or_else(seconds).unwrap_or_default()
}

/// Returns the last part of a path or of a resource's name.
pub(super) fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Returns the keys of a value, to say what was found instead of what was expected.
pub(super) fn keys(value: &Value) -> String {
    const SHOWN: usize = 5;
    let Some(object) = value.as_object() else { return "no object".to_owned() };
    let mut keys: Vec<String> = object.keys().take(SHOWN).map(|key| format!("`{key}`")).collect();
    if object.len() > SHOWN {
        keys.push("…".to_owned());
    }
    if keys.is_empty() { "an empty object".to_owned() } else { format!("keys {}", keys.join(", ")) }
}
