//! The elements that are open, and where among them each name stands: which of them a tag concerns is found without looking
//! through all of them, however deep they are.

use std::collections::HashMap;

/// An element that is open.
#[derive(Default)]
pub(super) struct Element {
    pub(super) name: String,
    /// What closes what was written for it.
    pub(super) close: &'static str,
    pub(super) hidden: bool,
    /// Lines in it so far, of a cell or a row: about as many as it will have.
    pub(super) lines: usize,
    /// Columns of a row so far, or of a cell.
    pub(super) columns: u32,
}

/// All of them, the outermost first.
#[derive(Default)]
pub(super) struct Open {
    elements: Vec<Element>,
    /// Where those of each name are, the innermost last.
    places: HashMap<String, Vec<usize>>,
    /// Where those are for which something was written.
    written: Vec<usize>,
}

impl Open {
    pub(super) fn push(&mut self, element: Element) {
        let at = self.elements.len();
        match self.places.get_mut(&element.name) {
            Some(places) => places.push(at),
            None => {
                self.places.insert(element.name.clone(), vec![at]);
            }
        }
        if !element.close.is_empty() {
            self.written.push(at);
        }
        self.elements.push(element);
    }

    pub(super) fn pop(&mut self) -> Option<Element> {
        let element = self.elements.pop()?;
        if let Some(places) = self.places.get_mut(&element.name) {
            places.pop();
            // Names come again: the room of a few is kept for them, of as many as a sender can invent not.
            if places.is_empty() && self.places.len() > FEW {
                self.places.remove(&element.name);
            }
        }
        if !element.close.is_empty() {
            self.written.pop();
        }
        Some(element)
    }

    pub(super) fn len(&self) -> usize {
        self.elements.len()
    }

    pub(super) fn last(&self) -> Option<&Element> {
        self.elements.last()
    }

    /// The innermost for which something was written.
    pub(super) fn last_written(&self) -> Option<&Element> {
        self.elements.get(*self.written.last()?)
    }

    /// Where the innermost with one of these names is.
    pub(super) fn place(&self, names: &[&str]) -> Option<usize> {
        let places = names.iter().filter_map(|name| self.places.get(*name));
        places.filter_map(|places| places.last().copied()).max()
    }

    /// The innermost with one of these names.
    pub(super) fn find(&self, names: &[&str]) -> Option<&Element> {
        self.elements.get(self.place(names)?)
    }

    /// The same, to be changed.
    pub(super) fn find_mut(&mut self, names: &[&str]) -> Option<&mut Element> {
        let place = self.place(names)?;
        self.elements.get_mut(place)
    }

    /// Whether one with one of these names, for which something was written, is inside the innermost of `fence`.
    pub(super) fn is_within(&self, names: &[&str], fence: &[&str]) -> bool {
        let fence = self.place(fence);
        let is_written = |at: &&usize| self.written.binary_search(at).is_ok();
        names
            .iter()
            .filter_map(|name| self.places.get(*name))
            .filter_map(|places| places.iter().rev().find(is_written))
            .any(|at| fence.is_none_or(|fence| *at > fence))
    }
}

/// Names that are remembered though none of theirs is open.
const FEW: usize = 100;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 5] = ["table", "td", "p", "div", "x"];

    fn element((name, written): (usize, bool)) -> Element {
        Element {
            name: NAMES[name].to_owned(),
            close: if written { "</x>" } else { "" },
            ..Element::default()
        }
    }

    proptest! {
        #[test]
        fn each_element_is_found_where_looking_through_all_would_find_it(
            steps in prop::collection::vec(prop::option::weighted(0.7, (0..NAMES.len(), any::<bool>())), 0..80),
            names in prop::sample::subsequence(&NAMES[..], 0..4),
        ) {
            let mut open = Open::default();
            for step in steps {
                match step {
                    Some(step) => open.push(element(step)),
                    None => drop(open.pop()),
                }
                let is_named = |element: &Element| names.contains(&element.name.as_str());
                prop_assert_eq!(open.place(&names), open.elements.iter().rposition(is_named));
                let written = |element: &&Element| !element.close.is_empty();
                let last = open.elements.iter().rfind(written).map(|element| &element.name);
                prop_assert_eq!(open.last_written().map(|element| &element.name), last);
                let mut inner = open.elements.iter().rev().take_while(|element| element.name != "td");
                let within = inner.any(|element| is_named(element) && !element.close.is_empty());
                prop_assert_eq!(open.is_within(&names, &["td"]), within);
            }
        }
    }
}
