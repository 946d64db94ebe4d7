/// What a person looks for: `from:ada has:file older:30d "engine report"`.
///
/// The default matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    source: String,
}

impl Query {
    /// The text it was made from.
    pub fn source(&self) -> &str {
        &self.source
    }
}
