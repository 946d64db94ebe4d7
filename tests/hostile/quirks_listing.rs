//! Listings and names: Q5 to Q11, Q23, Q28, Q29.

use poppet::backend::Haste;
use poppet::bridge::SyncMode;
use poppet::mail::{Local, Server as Copy};

use crate::house::House;
use crate::quirks::{all_comes, of, synced};
use crate::server::behaviour::Behaviour;
use crate::server::identity::{Mailbox, Naming};
use crate::server::quirks::Quirk;
use crate::session::mailbox;

#[tokio::test(flavor = "multi_thread")]
async fn q5_uidl_lines_of_every_odd_form_are_read_and_what_has_no_id_is_not_lost() {
    for quirk in [
        Quirk::Q5UidlWithManySpaces,
        Quirk::Q5UidlWithOkOnEveryLine,
        Quirk::Q5UidlWithTextBehind,
    ] {
        all_comes(quirk, &mailbox()).await;
    }
    for quirk in [Quirk::Q5UidlWithGaps, Quirk::Q5UidlWithoutSomeIds] {
        let (house, run, result) = synced(quirk, &mailbox()).await;
        result.unwrap();
        let rows = run.rows().await;
        assert_eq!(rows.len(), 5, "{quirk:?}: what has no id is shown as well");
        assert_eq!(house.wrongs(&run).await, [""; 0], "{quirk:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q6_ids_of_more_than_70_octets_are_names_like_others() {
    let (_house, mut run) = all_comes(Quirk::Q6UidlOf130Octets, &mailbox()).await;
    let doomed = run.ids(&["two"]).await;
    run.stage(&doomed).await;
    let applied = run.apply(&doomed).await.unwrap();
    assert_eq!(applied.deleted, doomed, "{applied:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn q7_ids_with_slashes_quotes_and_octets_outside_ascii_are_names_like_others() {
    let (_house, mut run) = all_comes(Quirk::Q7UidlWithOddOctets, &mailbox()).await;
    let doomed = run.ids(&["two"]).await;
    run.stage(&doomed).await;
    let applied = run.apply(&doomed).await.unwrap();
    assert_eq!(applied.deleted, doomed, "{applied:?}");
}

fn letters(naming: Naming, count: usize) -> Mailbox {
    let mut mailbox = Mailbox::new(naming);
    for number in 0..count {
        let text =
            format!("Subject: {number}\r\nMessage-ID: <{number}@a.example>\r\n\r\n{number}\r\n");
        mailbox.deliver(text.as_bytes());
    }
    mailbox
}

#[tokio::test(flavor = "multi_thread")]
async fn q8_after_a_server_renamed_everything_nothing_is_new_and_nothing_is_fetched_again() {
    let mut there = letters(Naming::Clock, 8);
    let house = House::new(there.maildrop(), Behaviour::default());
    let mut run = house.good_run();
    run.sync(SyncMode::Full).await.unwrap();
    for seconds in [7, 31_536_000] {
        there.rebuild(seconds);
        let mark = house.mark();
        let report = run.sync(SyncMode::Full).await.unwrap();
        assert_eq!((report.bodies, house.sent("RETR", mark)), (0, 0));
        assert_eq!(run.rows().await.len(), 8);
    }
    assert_eq!(house.wrongs(&run).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn q9_names_that_move_when_one_of_several_goes_delete_none_of_the_others() {
    let twin = |body: &str| format!("Subject: nightly\r\n\r\n{body}\r\n").into_bytes();
    let mut there = Mailbox::new(Naming::Renamed);
    for body in ["first", "second", "third"] {
        there.deliver(&twin(body));
    }
    let mut house = House::new(there.maildrop(), Behaviour::default());
    let mut run = house.good_run();
    run.sync(SyncMode::Full).await.unwrap();
    assert_eq!(run.whole().await.len(), 3);
    let mut doomed = Vec::new();
    for row in run.rows().await {
        if run.octets(row.id).await == twin("second") {
            doomed.push(row.id);
        }
    }
    run.stage(&doomed).await;
    // The name of the second stands for the third now.
    there.take_out(&twin("first"));
    house.permit(there.maildrop().uidls());
    let applied = run.apply(&doomed).await.unwrap();
    there.settle();
    let left: Vec<Vec<u8>> = there
        .maildrop()
        .messages()
        .iter()
        .map(poppet::demo::Message::to_vec)
        .collect();
    assert!(left.contains(&twin("third")), "{applied:?}");
    run.sync(SyncMode::Full).await.unwrap();
    assert_eq!(run.whole().await.len(), 3);
    assert_eq!(house.wrongs(&run).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn q9_two_messages_under_one_name_both_come() {
    all_comes(Quirk::Q9UidlSharedByTwo, &mailbox()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q10_sizes_that_are_wrong_frame_nothing_and_reject_nothing() {
    for quirk in [
        Quirk::Q10SizesOfTheStoredForm,
        Quirk::Q10SizesRoundedTo1024,
        Quirk::Q10StatWithANegativeTotal,
    ] {
        all_comes(quirk, &mailbox()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q11_what_only_list_or_only_uidl_has_is_shown_and_comes() {
    for quirk in [
        Quirk::Q11ListHasOneMoreThanUidl,
        Quirk::Q11UidlHasOneMoreThanList,
    ] {
        let (house, run, result) = synced(quirk, &mailbox()).await;
        result.unwrap();
        assert_eq!(run.rows().await.len(), 5, "{quirk:?}");
        assert_eq!(house.wrongs(&run).await, [""; 0], "{quirk:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q11_a_message_that_is_listed_and_not_there_keeps_no_other_from_coming() {
    let (house, run, result) = synced(Quirk::Q11ListedAndNotThere, &mailbox()).await;
    result.unwrap();
    let rows = run.rows().await;
    let whole = rows.iter().filter(|row| row.local == Local::Full).count();
    assert_eq!((rows.len(), whole), (5, 4), "it is shown, without its body");
    assert_eq!(house.wrongs(&run).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn q23_the_folder_data_of_a_mailbox_file_are_never_deleted() {
    let data = "From: MAILER-DAEMON\r\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\r\n\
                Message-ID: <1@a.example>\r\nX-IMAP: 1700000000 0000000042\r\n\r\nThis text is part of the internal format of your mail folder.\r\n";
    let maildrop = of(&[data, "Subject: a\r\nMessage-ID: <a@a.example>\r\n\r\na\r\n"]);
    let mut house = House::new(&maildrop, Behaviour::default());
    house.permit([maildrop.uidls()[1].clone()]);
    let mut run = house.good_run();
    run.sync(SyncMode::Full).await.unwrap();
    let mut all = Vec::new();
    for row in run.rows().await {
        all.push(row.id);
    }
    run.stage(&all).await;
    let applied = run.apply(&all).await.unwrap();
    assert_eq!(
        (applied.deleted.len(), applied.refused.len()),
        (1, 1),
        "{applied:?}"
    );
    assert_eq!(maildrop.messages()[0].to_vec(), data.as_bytes());
    assert_eq!(
        run.copy(applied.refused[0].0).await,
        Copy::Present,
        "it is not asked for again"
    );
    assert_eq!(house.wrongs(&run).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn q28_last_is_never_used() {
    let (house, _) = all_comes(Quirk::Q28NoLast, &mailbox()).await;
    assert_eq!(house.sent("LAST", 0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn q29_a_stat_of_four_billion_messages_costs_nothing_and_all_comes() {
    let house = House::new(&mailbox(), Quirk::Q29StatCountsFourBillion.server());
    for _ in 0..2 {
        let mut run = house.run(Haste::default());
        run.sync(SyncMode::Full).await.unwrap();
        assert_eq!(run.whole().await.len(), 5);
        assert_eq!(house.wrongs(&run).await, [""; 0]);
        run.end().await;
    }
}
