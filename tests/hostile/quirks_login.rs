//! Greeting, capabilities, login and pipelining: Q14 to Q18, Q24, Q26, Q30.

use poppet::backend::Haste;
use poppet::bridge::SyncMode;
use poppet::mail::Kind;

use crate::house::{House, Transport};
use crate::quirks::{all_comes, synced};
use crate::server::behaviour::Behaviour;
use crate::server::profiles::Profile;
use crate::server::quirks::Quirk;
use crate::session::mailbox;

#[tokio::test(flavor = "multi_thread")]
async fn q14_a_server_that_hangs_or_hangs_up_at_capa_is_read_without_it() {
    for quirk in [Quirk::Q14CapaDropsTheConnection, Quirk::Q14CapaHangs] {
        all_comes(quirk, &mailbox()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q14_that_capa_is_not_answered_is_remembered() {
    for quirk in [Quirk::Q14CapaDropsTheConnection, Quirk::Q14CapaHangs] {
        let house = House::new(&mailbox(), quirk.server());
        let mut run = house.run(Haste::times(50));
        run.sync(SyncMode::Full).await.unwrap();
        assert_eq!(house.sent("CAPA", 0), 1, "{quirk:?}");
        run.end().await;
        // Another program on the same store.
        let mut run = house.run(Haste::times(50));
        run.sync(SyncMode::Full).await.unwrap();
        assert_eq!(house.sent("CAPA", 0), 1, "{quirk:?}");
        assert_eq!(house.server.connections(), 3, "{quirk:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q15_capabilities_in_lower_case_or_refused_after_the_login_are_capabilities() {
    for quirk in [
        Quirk::Q15CapaInLowerCase,
        Quirk::Q15CapaRefusedAfterTheLogin,
    ] {
        all_comes(quirk, &mailbox()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q15_where_stls_is_offered_and_refused_nothing_secret_is_sent() {
    let house = House::reached_by(Transport::Stls, &mailbox(), Quirk::Q15StlsRefused.server());
    let mut run = house.good_run();
    let problem = run.sync(SyncMode::Full).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Tls, "{problem}");
    assert_eq!(house.server.register().commands(), ["CAPA", "STLS"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn q16_commands_that_a_server_loses_or_stumbles_over_are_sent_one_by_one_then() {
    for quirk in [
        Quirk::Q16OneAnswerForMany,
        Quirk::Q16EverySecondLost,
        Quirk::Q16RubbishBehindAnAnswer,
    ] {
        let (house, run, result) = synced(quirk, &mailbox()).await;
        result.unwrap_or_else(|problem| panic!("{quirk:?}: {problem}"));
        assert_eq!(run.whole().await.len(), 5, "{quirk:?}");
        assert_eq!(house.wrongs(&run).await, [""; 0], "{quirk:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q17_every_write_has_whole_commands() {
    for transport in [Transport::Plain, Transport::Tls, Transport::Stls] {
        let server = Quirk::Q17CommandsMustComeWhole.server();
        let house = House::reached_by(transport, &mailbox(), server);
        let mut run = house.good_run();
        run.sync(SyncMode::Full).await.unwrap();
        let doomed = run.ids(&["one", "two", "three"]).await;
        run.stage(&doomed).await;
        assert_eq!(run.apply(&doomed).await.unwrap().deleted.len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q18_a_mechanism_at_which_a_server_hangs_up_is_followed_by_another_one_over_tls() {
    let server = Quirk::Q18HangsUpOnAMechanism.server();
    let house = House::reached_by(Transport::Tls, &mailbox(), server.clone());
    let mut run = house.good_run();
    run.sync(SyncMode::Full).await.unwrap();
    let commands = house.server.register().commands();
    let auth = commands.iter().filter(|line| line.starts_with("AUTH"));
    let mechanisms: Vec<&str> = auth.filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(mechanisms, ["CRAM-MD5", "PLAIN"], "each once");
    assert_eq!(run.whole().await.len(), 5);
    // Without TLS, a weaker one would show the password to everybody on the way.
    let house = House::new(&mailbox(), server);
    let mut run = house.good_run();
    run.sync(SyncMode::Full).await.unwrap_err();
    let shown = house.sent("PASS", 0) + house.sent("USER", 0);
    let commands = house.server.register().commands();
    assert!(shown == 0 && !commands.iter().any(|line| line.starts_with("AUTH PLAIN")));
}

#[tokio::test(flavor = "multi_thread")]
async fn q24_q26_a_mailbox_in_use_or_a_login_too_many_is_nobodys_password() {
    for quirk in [
        Quirk::Q24InUseForAWhile,
        Quirk::Q26TooSoon,
        Quirk::Q26TooManyConnections,
    ] {
        let house = House::new(&mailbox(), quirk.server());
        let mut run = house.run(Haste::times(50));
        let problem = run.sync(SyncMode::Full).await.unwrap_err();
        assert_ne!(problem.kind, Kind::Login, "{quirk:?}: {problem}");
        house.server.behave(Behaviour::default());
        run.sync(SyncMode::Full).await.unwrap();
        assert_eq!(run.whole().await.len(), 5, "{quirk:?}");
        assert_eq!(house.wrongs(&run).await, [""; 0], "{quirk:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q30_greetings_of_every_odd_form_are_greetings_and_one_of_two_lines_is_none() {
    for quirk in [
        Quirk::Q30BareGreeting,
        Quirk::Q30GreetingWithTwoSpaces,
        Quirk::Q30GreetingWithStampInside,
        Quirk::Q30GreetingWithEscapes,
    ] {
        all_comes(quirk, &mailbox()).await;
    }
    let (house, run, result) = synced(Quirk::Q30GreetingOfManyLines, &mailbox()).await;
    let problem = result.unwrap_err();
    assert!(!problem.to_string().contains('\u{1b}'));
    assert_eq!(
        house.sent("PASS", 0) + house.sent("AUTH", 0),
        0,
        "{problem}"
    );
    assert_eq!(house.wrongs(&run).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_that_was_measured_is_read_twice_and_deleted_from() {
    let (mut passed, mut slowest) = (0, 0.0_f64);
    for profile in Profile::ALL {
        let begun = std::time::Instant::now();
        let mut there = crate::server::identity::Mailbox::new(profile.naming());
        for message in mailbox().messages() {
            there.deliver(&message.to_vec());
        }
        let maildrop = there.maildrop();
        let mut house = House::new(maildrop, profile.server());
        house.permit([maildrop.uidls()[1].clone()]);
        let mut wrongs = Vec::new();
        let mut run = house.good_run();
        for round in 0..2 {
            let mark = house.mark();
            if let Err(problem) = run.sync(SyncMode::Full).await {
                wrongs.push(problem.to_string());
            }
            if round == 1 && house.sent("RETR", mark) > 0 {
                wrongs.push("fetched again".to_owned());
            }
            // One that wants minutes between two logins gets another program.
            run.end().await;
            maildrop.idle().await;
            run = house.good_run();
        }
        if run.whole().await.len() != 5 {
            wrongs.push(format!("{} are here", run.whole().await.len()));
        }
        if profile.keeps() {
            let doomed = run.ids(&["two"]).await;
            run.stage(&doomed).await;
            let applied = run.apply(&doomed).await;
            if maildrop.uidls().len() != 4 {
                wrongs.push(format!("not deleted: {applied:?}"));
            }
        }
        wrongs.extend(house.wrongs(&run).await);
        slowest = slowest.max(begun.elapsed().as_secs_f64());
        if wrongs.is_empty() {
            passed += 1;
        } else {
            println!("{profile:?}: {wrongs:?}");
        }
    }
    let total = Profile::ALL.len();
    let worst = format!("slowest {slowest:.2} s");
    crate::support::score::score("profiles of measured servers", passed, total, &worst);
}
