//! (room under construction)

pub mod keyring;
pub mod secrets;
