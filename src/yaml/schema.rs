//! The JSON Schema of a mapping, collected key by key.

use serde_json::{Value, json};

use super::decode::Decode;

/// Collects the JSON Schema of a mapping.
#[derive(Debug)]
pub struct ObjectSchema {
    description: String,
    properties: serde_json::Map<String, Value>,
    required: Vec<Value>,
}

impl ObjectSchema {
    /// Starts with the type's documentation.
    #[must_use]
    pub fn new(doc: &str) -> Self {
        Self {
            description: first_paragraph(doc),
            properties: serde_json::Map::new(),
            required: Vec::new(),
        }
    }

    /// Adds a key with its field's type and documentation.
    pub fn key<T: Decode>(&mut self, key: &str, doc: &str) {
        let mut schema = T::schema();
        if let Value::Object(of) = &mut schema {
            of.insert("description".into(), first_paragraph(doc).into());
        }
        self.properties.insert(key.into(), schema);
        if T::missing().is_none() {
            self.required.push(key.into());
        }
    }

    /// Returns the schema; other keys are not allowed.
    #[must_use]
    pub fn finish(self) -> Value {
        json!({
            "type": "object",
            "description": self.description,
            "properties": self.properties,
            "required": self.required,
            "additionalProperties": false,
        })
    }
}

fn first_paragraph(doc: &str) -> String {
    let lines = doc.lines().map(str::trim).take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}
