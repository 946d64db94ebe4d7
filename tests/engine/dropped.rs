//! Servers that take a connection that drops for a QUIT.

use poppet::demo::Quirks;
use poppet::mail::{Local, MessageId};

use crate::house::{House, letters};

#[tokio::test(flavor = "multi_thread")]
async fn p30_what_a_cut_session_deleted_without_quit_is_gone_and_neither_deleted_again_nor_new() {
    for (verb, at, gone) in [("DELE", 2, 1), ("DELE", 3, 2), ("QUIT", 1, 3)] {
        let mut house = House::new(letters(10), Quirks::default());
        house.sync().await.unwrap();
        let doomed: Vec<MessageId> = house
            .rows()
            .await
            .iter()
            .take(3)
            .map(|row| row.id)
            .collect();
        house.stage(&doomed).await;
        house.server.set_quirks(Quirks {
            hang_up_at: Some((verb.to_owned(), at)),
            updates_without_quit: true,
            ..Quirks::default()
        });
        let first = house.apply(&doomed, &[]).await;
        let deleted = first.map_or_else(|_| Vec::new(), |applied| applied.deleted);
        assert_eq!(deleted, [], "{verb} {at}: nothing was confirmed");
        let maildrop = house.server.maildrop().clone();
        maildrop.idle().await;
        assert_eq!(maildrop.uidls().len(), 10 - gone, "{verb} {at}");
        house.server.set_quirks(Quirks::default());
        let report = house.sync().await.unwrap();
        assert_eq!((report.summaries, report.bodies), (0, 0), "{verb} {at}");
        let rows = house.store.summaries(doomed.clone()).await.unwrap();
        for row in &rows {
            let there = maildrop
                .uidls()
                .iter()
                .any(|uidl| uidl == row.remote.as_bytes());
            assert_eq!(row.server.is_there(), there, "{verb} {at}: {row:?}");
            let (extent, _) = house.store.octets(row.id).await.unwrap().unwrap();
            assert_eq!(extent, Local::Full, "{verb} {at}: the copy here is kept");
        }
        // What was not deleted is what is left to be deleted.
        let sent = house.sent("DELE");
        let again = house.apply(&doomed, &[]).await.unwrap();
        assert_eq!(again.deleted.len(), 3 - gone, "{verb} {at}: {again:?}");
        assert_eq!(house.sent("DELE") - sent, 3 - gone, "{verb} {at}");
        assert_eq!(maildrop.uidls().len(), 7, "{verb} {at}");
    }
}
