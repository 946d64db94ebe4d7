//! Messages that are too large for memory while they come in.

use std::collections::HashSet;
use std::fs;

use poppet::demo::{Maildrop, Message, Quirks, ServerOptions};
use poppet::mail::{Digest, Local, MessageId};

use crate::house::House;

/// Two attachments behind a text, the first of many octets, and dots at the starts of lines.
fn film(name: &str) -> Vec<u8> {
    let line = b"..QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAx\r\n";
    let head = format!(
        "From: ada@example.org\r\nSubject: {name}\r\nMessage-ID: <{name}@example.org>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\n\r\nHere is meadowlark.\r\n\
         --b1\r\nContent-Type: video/mp4\r\nContent-Disposition: attachment; filename=film.mp4\r\n\r\n"
    );
    let tail = "--b1\r\nContent-Disposition: attachment; filename=end.txt\r\n\r\nbye\r\n--b1--\r\n";
    [
        head.as_bytes(),
        &line.repeat(12_000_000 / line.len()),
        tail.as_bytes(),
    ]
    .concat()
}

fn films() -> Maildrop {
    Maildrop::new(["one", "two"].map(|name| Message::new(film(name))).to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_message_is_stored_to_the_octet_with_its_text_and_all_of_its_attachments() {
    for watched in [true, false] {
        let mut house = if watched {
            House::new(films(), Quirks::default())
        } else {
            House::unwatched(ServerOptions::new(films()), "")
        };
        house.sync().await.unwrap();
        house.assert_all_stored().await;
        for row in house.rows().await {
            assert_eq!((row.attachments, row.local), (2, Local::Full));
            assert!(row.snippet.contains("meadowlark"), "{}", row.snippet);
        }
        // What it came through on its way is gone.
        let names = fs::read_dir(house.folder.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let stray: Vec<String> = names
            .filter(|name| !name.starts_with("mail.db") && name != "config.toml" && name != "locks")
            .collect();
        assert_eq!(stray, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_a_large_message_is_deleted_only_after_its_octets_were_compared() {
    let maildrop = films();
    // The server gives it another size than before, so that its header block alone does not tell.
    let quirks = Quirks {
        listed_octets: vec![(1, 11_000_000)],
        ..Quirks::default()
    };
    let mut house = House::new(maildrop, Quirks::default());
    house.sync().await.unwrap();
    let rows = house.rows().await;
    let ids: Vec<MessageId> = rows.iter().map(|row| row.id).collect();
    house.server.set_quirks(quirks);
    house.stage(&ids).await;
    let applied = house.apply(&ids, &[]).await.unwrap();
    let deleted: HashSet<MessageId> = applied.deleted.into_iter().collect();
    assert_eq!(
        deleted,
        ids.iter().copied().collect(),
        "{:?}",
        applied.refused
    );
    for row in rows {
        let (extent, octets) = house.store.octets(row.id).await.unwrap().unwrap();
        let sent = Digest::of(&film(&row.subject));
        assert_eq!((extent, Digest::of(&octets)), (Local::Full, sent));
    }
}
