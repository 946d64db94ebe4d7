//! What rules delete by themselves is what they say when it goes, and never more than a person would expect (I10).

use poppet::bridge::{Command, Ticket};
use poppet::demo::{Quirks, generated};
use poppet::mail::{Brake, Change, MessageId, Server as Copy};

use crate::house::{House, home, letters};

fn rule(keep: &str, by_itself: bool) -> String {
    let deletes = if by_itself { "auto" } else { "review" };
    format!(
        "[accounts.home.server]\nkeep = {keep}\nrules_delete = \"{deletes}\"\ngrace = \"0 days\"\nexcept = [\"starred\"]\n"
    )
}

const DOWNLOADED: &str = "\"until-downloaded\"";

async fn brake(house: &House) -> Option<Brake> {
    let record = house.store.account(&home(), poppet::backend::now()).await;
    record.unwrap().brake
}

async fn release(house: &mut House) {
    let (ticket, account) = (Ticket::new(), home());
    house.send(Command::ReleaseBrake { ticket, account }).await;
    house.end(ticket).await.unwrap();
}

async fn staged(house: &House) -> Vec<MessageId> {
    let rows = house.rows().await.into_iter();
    let wanted = rows.filter(|row| row.server == Copy::DeleteWanted);
    wanted.map(|row| row.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_what_a_mistaken_rule_staged_stays_when_the_rule_is_mended_and_the_brake_released() {
    let mut house = House::with(letters(60), Quirks::default(), &rule(DOWNLOADED, true));
    for _ in 0..4 {
        house.sync().await.unwrap();
    }
    assert!(matches!(
        brake(&house).await,
        Some(Brake::RuleDeletes { count: 60, .. })
    ));
    assert_eq!(staged(&house).await.len(), 60);
    house.reconfigure(&rule("{ days = 30 }", true)).await;
    release(&mut house).await;
    for _ in 0..3 {
        house.sync().await.unwrap();
    }
    assert_eq!(house.server.maildrop().uidls().len(), 60);
    assert_eq!(staged(&house).await, []);
    assert_eq!(brake(&house).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_the_brake_for_a_rule_is_released_when_the_mended_rule_lets_nothing_go() {
    let mut house = House::with(letters(60), Quirks::default(), &rule(DOWNLOADED, true));
    for _ in 0..4 {
        house.sync().await.unwrap();
    }
    assert!(brake(&house).await.is_some());
    house.reconfigure(&rule("{ days = 30 }", true)).await;
    house.sync().await.unwrap();
    assert_eq!((staged(&house).await.len(), brake(&house).await), (0, None));
    assert_eq!(house.server.maildrop().uidls().len(), 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_what_a_rule_staged_goes_once_a_person_has_looked_and_is_not_asked_about_again() {
    let mut house = House::with(letters(60), Quirks::default(), &rule(DOWNLOADED, true));
    for _ in 0..4 {
        house.sync().await.unwrap();
    }
    assert_eq!(house.server.maildrop().uidls().len(), 60);
    release(&mut house).await;
    house.sync().await.unwrap();
    assert_eq!(house.server.maildrop().uidls().len(), 0);
    assert_eq!(brake(&house).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_what_was_starred_since_a_rule_staged_it_stays() {
    let mut house = House::with(letters(6), Quirks::default(), &rule(DOWNLOADED, false));
    for _ in 0..4 {
        house.sync().await.unwrap();
    }
    let all = staged(&house).await;
    assert_eq!(all.len(), 6);
    let (ticket, star) = (Ticket::new(), Change::Starred(true));
    let changes = vec![(all[..2].to_vec(), star)];
    house.send(Command::Change { ticket, changes }).await;
    house.end(ticket).await.unwrap();
    house.reconfigure(&rule(DOWNLOADED, true)).await;
    house.sync().await.unwrap();
    assert_eq!(house.server.maildrop().uidls().len(), 2);
    for id in &all {
        let copy = house.copy(*id).await;
        assert_eq!(copy == Copy::Present, all[..2].contains(id), "{copy:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_the_brake_counts_what_goes_and_not_only_what_is_new() {
    let mut house = House::with(letters(15), Quirks::default(), &rule(DOWNLOADED, false));
    for _ in 0..3 {
        house.sync().await.unwrap();
    }
    for message in generated(15, 8, &jiff::ZonedDateTime::now()).messages() {
        house.server.maildrop().deliver(message.to_vec());
    }
    for _ in 0..4 {
        house.sync().await.unwrap();
    }
    assert_eq!(
        (staged(&house).await.len(), brake(&house).await),
        (30, None)
    );
    house.reconfigure(&rule(DOWNLOADED, true)).await;
    for _ in 0..2 {
        house.sync().await.unwrap();
        assert_eq!(house.server.maildrop().uidls().len(), 30);
        let counted = Some(Brake::RuleDeletes { count: 30, of: 30 });
        assert_eq!(brake(&house).await, counted);
    }
    release(&mut house).await;
    house.sync().await.unwrap();
    assert_eq!(house.server.maildrop().uidls().len(), 0);
}
