//! After a crash: was it done?
