//! Raw octets to summaries and bodies, attachments, and HTML to text. Uses `mail` only.

mod addresses;
mod charset;
mod encoding;
mod header;
mod layout;
mod links;
mod markup;
mod params;
mod parts;
mod plain;
mod punycode;
mod words;
