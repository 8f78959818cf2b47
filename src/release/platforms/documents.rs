//! The JSON documents in a text, one after the other.

use serde::Deserialize as _;
use serde_json::{Deserializer, Value};

use super::{PlatformName, Problem};

/// Returns the documents, with lists taken apart.
pub(super) fn parse(text: &str, platform: PlatformName) -> Result<Vec<Value>, Vec<Problem>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let help = || format!("hand over what this prints: {}", platform.commands());
    let problem = |message: String| vec![Problem { workload: None, message, help: help() }];
    let mut documents = Vec::new();
    let mut stream = Deserializer::from_str(text);
    loop {
        if stream.end().is_ok() {
            break;
        }
        let number = documents.len() + 1;
        // The parser refuses what is nested too deeply, by itself.
        let read = Value::deserialize(&mut stream);
        documents.push(read.map_err(|error| {
            problem(format!("document {number} of the input cannot be read as JSON: {error}"))
        })?);
    }
    if documents.is_empty() {
        return Err(problem("the input is empty".to_owned()));
    }
    let mut flat = Vec::new();
    for (at, document) in documents.into_iter().enumerate() {
        match document {
            Value::Array(items) => flat.extend(items),
            Value::Object(_) => flat.push(document),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                let message = format!("document {} of the input is no JSON object or list", at + 1);
                return Err(problem(message));
            }
        }
    }
    Ok(flat)
}
