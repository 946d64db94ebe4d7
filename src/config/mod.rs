//! The configuration: what a person may write in `config.toml`, read into values that need no further check.
//!
//! - [`Config::load`] reads the file; a mistake in it is a [`ConfigError`] with line, column and what would be right.
//! - [`edit`] changes the file and keeps its comments.
//! - [`Paths`] says where the files lie.
//! - [`ThemeFile`] reads a file of colours.
//! - [`presets`] knows the POP3 servers of well-known providers.
//!
//! Nothing here opens a connection, and no password passes through.

mod account;
mod command;
pub mod edit;
mod error;
mod excerpt;
mod load;
mod nearest;
mod paths;
pub mod presets;
mod quantity;
mod reader;
mod rules;
mod theme;
mod types;
mod write;

pub use account::is_loopback;
pub use command::command_line;
pub use error::{ConfigError, Mistake};
pub use load::path_as_typed;
pub use nearest::nearest;
pub use paths::{Paths, PathsError};
pub use quantity::{QuantityError, duration, octets};
pub use theme::{Colour, ROLES as THEME_ROLES, ThemeBase, ThemeFile};
pub use types::{
    Account, Auth, Config, Glyphs, KeyOverride, KeySet, Keys, Notify, Password, Pop3, Theme, Tls,
    Trust,
};
