//! (room under construction)

pub mod args;
pub mod exit;
