//! How much a server may make us hold.

/// Bounds on everything a server can send. Past one, the session ends with an error; memory never grows with what a
/// server announces, only with what it really sends, and never past these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Octets in one status line with its line end. RFC 2449 section 4 says 512; servers send more.
    pub status_line: usize,
    /// Octets in one challenge line during AUTH, still in base64. The protocol sets no limit.
    pub challenge: usize,
    /// Lines in one answer to CAPA.
    pub capability_lines: usize,
    /// Octets in one answer to CAPA, line ends counted.
    pub capability_octets: usize,
    /// Entries in one LIST or UIDL.
    pub list_entries: usize,
    /// Octets in one LIST or UIDL, line ends counted.
    pub list_octets: u64,
    /// Octets in one message, counted after the stuffing is off.
    pub message_octets: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            status_line: 8 * 1024,
            challenge: 64 * 1024,
            capability_lines: 256,
            capability_octets: 64 * 1024,
            list_entries: 1_000_000,
            list_octets: 128 * 1024 * 1024,
            message_octets: 4 * 1024 * 1024 * 1024,
        }
    }
}
