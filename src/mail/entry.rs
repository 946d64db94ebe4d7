use super::places::{PARTS, digest, pack};
use super::{Address, Extract, SearchField, query};

/// What goes into the search index for a message.
///
/// A word of the body stands for itself, one of another field has the field's [mark](field_mark) in front. So each word is
/// known by field, and none is written twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexEntry {
    /// Its words, each once for each field, with a space behind each.
    pub words: String,
    /// The order of the words of body and names of attachments, for [`stand_together`](super::stand_together).
    pub places: Vec<u8>,
}

impl IndexEntry {
    /// Makes it of what a message says.
    pub fn of(extract: &Extract) -> Self {
        let mut words = Words::default();
        let body = words.take(SearchField::Body, &extract.text);
        let files = words.take(SearchField::File, &extract.files);
        words.take(SearchField::Subject, &extract.subject);
        words.take_people(SearchField::From, std::slice::from_ref(&extract.from));
        words.take_people(SearchField::To, &extract.to);
        words.take_people(SearchField::Cc, &extract.cc);
        words.entry(&[body, files])
    }
}

impl Extract {
    /// The same with its entry for the search index, so that the store's writer need not make it.
    #[must_use]
    pub fn indexed(mut self) -> Self {
        self.entry = Some(IndexEntry::of(&self));
        self
    }
}

/// The character in front of a field's words in the index; none for those of the body. It belongs to no word.
pub fn field_mark(field: SearchField) -> &'static str {
    match field {
        SearchField::Anywhere | SearchField::Body => "",
        SearchField::Subject => "\u{81}",
        SearchField::From => "\u{82}",
        SearchField::To => "\u{83}",
        SearchField::Cc => "\u{84}",
        SearchField::File => "\u{85}",
    }
}

/// The words of a message.
#[derive(Default)]
struct Words {
    /// Side by side.
    text: String,
    all: Vec<Word>,
}

struct Word {
    digest: u64,
    field: SearchField,
    begin: usize,
    octets: usize,
}

impl Words {
    /// The digests of a field's words, in their order.
    fn take(&mut self, field: SearchField, text: &str) -> Vec<u64> {
        self.text.reserve(text.len());
        let mut digests = Vec::with_capacity(text.len() / 6);
        query::each_word(text, |word, _| {
            let digest = digest(word);
            digests.push(digest);
            self.all.push(Word {
                digest,
                field,
                begin: self.text.len(),
                octets: word.len(),
            });
            self.text.push_str(word);
        });
        digests
    }

    fn take_people(&mut self, field: SearchField, people: &[Address]) {
        for who in people {
            self.take(field, &who.name);
            self.take(field, &who.address);
        }
    }

    fn entry(&mut self, ordered: &[Vec<u64>; PARTS]) -> IndexEntry {
        // The same words come to lie side by side.
        self.all
            .sort_unstable_by_key(|word| (word.digest, word.field));
        let mut words = String::with_capacity(self.text.len());
        let mut distinct = Vec::with_capacity(self.all.len());
        let mut last = None;
        for word in &self.all {
            let text = self
                .text
                .get(word.begin..word.begin + word.octets)
                .unwrap_or_default();
            if last == Some((word.field, text)) {
                continue;
            }
            last = Some((word.field, text));
            words.push_str(field_mark(word.field));
            words.push_str(text);
            words.push(' ');
            if matches!(word.field, SearchField::Body | SearchField::File) {
                distinct.push(word.digest);
            }
        }
        distinct.dedup();
        IndexEntry {
            words,
            places: pack(ordered, &distinct),
        }
    }
}
