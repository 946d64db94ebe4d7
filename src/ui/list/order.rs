//! Sorted rows, kept sorted: what comes and goes costs a search for its place, not a look at the others.

use std::cmp::Ordering;

use crate::mail::MessageId;

/// Puts rows, sorted themselves, where they belong.
pub(super) fn merge(
    order: &mut Vec<MessageId>,
    fresh: &[MessageId],
    compare: impl Fn(MessageId, MessageId) -> Ordering,
) {
    let Some(first) = fresh.first() else {
        return;
    };
    let behind_all = order
        .last()
        .is_none_or(|last| compare(*last, *first) != Ordering::Greater);
    if behind_all {
        order.extend_from_slice(fresh);
        return;
    }
    let spots: Vec<usize> = fresh
        .iter()
        .map(|id| order.partition_point(|other| compare(*other, *id) == Ordering::Less))
        .collect();
    let mut end = order.len();
    order.resize(end + fresh.len(), *first);
    // From the end, so that every stretch between two newcomers moves once.
    for (n, (id, spot)) in fresh.iter().zip(spots).enumerate().rev() {
        order.copy_within(spot..end, spot + n + 1);
        if let Some(place) = order.get_mut(spot + n) {
            *place = *id;
        }
        end = spot;
    }
}

/// Takes rows out.
pub(super) fn remove(
    order: &mut Vec<MessageId>,
    gone: &[MessageId],
    compare: impl Fn(MessageId, MessageId) -> Ordering,
) {
    if gone.len() > MANY {
        let gone: super::quick::Ids = gone.iter().copied().collect();
        order.retain(|id| !gone.contains(id));
        return;
    }
    for id in gone {
        if let Some(place) = find(order, *id, &compare) {
            order.remove(place);
        }
    }
}

/// Where a row is. Should the order be another than that of `compare`, all are looked through.
pub(super) fn find(
    order: &[MessageId],
    id: MessageId,
    compare: impl Fn(MessageId, MessageId) -> Ordering,
) -> Option<usize> {
    let place = order.partition_point(|other| compare(*other, id) == Ordering::Less);
    if order.get(place) == Some(&id) {
        return Some(place);
    }
    order.iter().position(|other| *other == id)
}

const MANY: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ids(numbers: &[i64]) -> Vec<MessageId> {
        numbers.iter().copied().map(MessageId).collect()
    }

    #[test]
    fn a_row_that_is_out_of_order_is_found_and_taken_out_all_the_same() {
        let mut order = ids(&[1, 9, 3, 4]);
        remove(&mut order, &ids(&[3, 77]), |a, b| a.cmp(&b));
        assert_eq!(order, ids(&[1, 9, 4]));
    }

    proptest! {
        #[test]
        fn merged_is_sorted_and_taken_out_is_as_before(
            here in prop::collection::btree_set(0..500_i64, 0..120),
            fresh in prop::collection::btree_set(500..1_000_i64, 0..120),
        ) {
            // Even and odd numbers lie between each other.
            let here: Vec<_> = here.into_iter().map(|n| MessageId(n * 2)).collect();
            let fresh: Vec<_> = fresh.into_iter().map(|n| MessageId((n - 500) * 2 + 1)).collect();
            let mut order = here.clone();
            merge(&mut order, &fresh, |a, b| a.cmp(&b));
            let mut sorted = [here.clone(), fresh.clone()].concat();
            sorted.sort_unstable();
            prop_assert_eq!(&order, &sorted);
            remove(&mut order, &fresh, |a, b| a.cmp(&b));
            prop_assert_eq!(order, here);
        }
    }
}
