//! YAML into typed values with their places: `node` reads text into a tree, `decode` turns nodes into
//! declared types and reports every key that does not fit, `text` is SQL inside YAML.

pub mod decode;
pub mod duration;
pub mod node;
pub mod schema;
pub mod text;
