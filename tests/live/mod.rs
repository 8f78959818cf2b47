//! Who is live: heartbeats, what an application asks when it starts, and what platforms say.

mod evidence;
mod heartbeats;
mod import;
mod platforms;
mod process;
mod startup;
