//! Random walks: whatever `next-phase` and `deploy check` allow is done, while every live release reads and writes with its own
//! `schema.rs`. None is ever broken, and no row that one wrote is lost; and who ignores a refusal breaks one.

mod behaviour;
mod model;
mod scenario;
mod walk;
mod walks;
