use std::ops::Range;

use super::fold::{each_word, words};
use super::{Query, SearchField, Term};

/// The words that a query looks for, to be shown where they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needles(Vec<Needle>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Needle {
    field: SearchField,
    words: Vec<String>,
    prefix: bool,
}

impl Query {
    /// What it looks for, without what it turns away.
    pub fn needles(&self) -> Needles {
        let mut needles = Vec::new();
        collect(self.term(), &mut needles);
        Needles(needles)
    }
}

impl Needles {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The octets of a text of this field at which words stand that are looked for there; in order, none overlapping.
    pub fn spans(&self, field: SearchField, text: &str) -> Vec<Range<usize>> {
        let here = |needle: &&Needle| {
            matches!(needle.field, SearchField::Anywhere) || needle.field == field
        };
        let needles: Vec<&Needle> = self.0.iter().filter(here).collect();
        if needles.is_empty() {
            return Vec::new();
        }
        let mut words = Vec::new();
        each_word(text, |word, at| words.push((word.to_owned(), at)));
        let mut spans = Vec::new();
        let mut place = 0;
        while let Some(rest) = words.get(place..).filter(|rest| !rest.is_empty()) {
            let longest = needles
                .iter()
                .filter_map(|needle| needle.matched(rest))
                .max();
            let first = rest.first().map_or(0, |(_, at)| at.start);
            match longest
                .and_then(|count| rest.get(count.saturating_sub(1)).map(|last| (count, last)))
            {
                Some((count, (_, last))) => {
                    spans.push(first..last.end);
                    place += count.max(1);
                }
                None => place += 1,
            }
        }
        spans
    }
}

impl Needle {
    /// How many of the first words it matches.
    fn matched(&self, text: &[(String, Range<usize>)]) -> Option<usize> {
        let text = text.get(..self.words.len())?;
        let (last, start) = self.words.split_last()?;
        let ((end, _), before) = text.split_last()?;
        let fits = start
            .iter()
            .zip(before)
            .all(|(wanted, (word, _))| wanted == word)
            && if self.prefix {
                end.starts_with(last.as_str())
            } else {
                end == last
            };
        fits.then_some(self.words.len())
    }
}

fn collect(term: &Term, needles: &mut Vec<Needle>) {
    match term {
        Term::All(terms) | Term::Any(terms) => {
            for term in terms {
                collect(term, needles);
            }
        }
        Term::Text {
            field,
            text,
            prefix,
        } => needles.push(Needle {
            field: *field,
            words: words(text),
            prefix: *prefix,
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Timestamp;
    use super::*;

    fn found<'t>(query: &str, field: SearchField, text: &'t str) -> Vec<&'t str> {
        let needles = Query::parse(query, Timestamp(0), 0).unwrap().needles();
        let spans = needles.spans(field, text);
        spans.into_iter().map(|span| &text[span]).collect()
    }

    #[test]
    fn words_are_shown_where_they_stand_whatever_their_case_and_accents() {
        let subject = |query, text| found(query, SearchField::Subject, text);
        assert_eq!(
            subject("zoe report", "Zo\u{eb}'s REPORT, reported"),
            ["Zo\u{eb}", "REPORT"]
        );
        assert_eq!(
            subject("repor*", "Report, reported"),
            ["Report", "reported"]
        );
        assert_eq!(
            subject("\"engine report\"", "An engine, the engine-report"),
            ["engine-report"]
        );
        assert_eq!(subject("東京", "南東京タワー"), ["東京"]);
        assert_eq!(
            subject("engine -report or well", "report: engine well"),
            ["engine", "well"]
        );
        assert_eq!(subject("is:unread", "unread"), [""; 0]);
    }

    #[test]
    fn a_word_that_is_looked_for_in_one_field_is_shown_in_that_one_only() {
        assert_eq!(
            found("from:ada", SearchField::From, "Ada <ada@x>"),
            ["Ada", "ada"]
        );
        assert_eq!(found("from:ada", SearchField::Subject, "ada"), [""; 0]);
        assert_eq!(found("ada", SearchField::Body, "ada"), ["ada"]);
    }
}
