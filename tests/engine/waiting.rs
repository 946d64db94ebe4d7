//! When an account that checks by itself tries again, and what it says meanwhile.

use std::time::Duration;

use poppet::bridge::{AccountState, Command, Event, Phase, Ticket};
use poppet::demo::{Login, Quirks};
use poppet::mail::{Local, Problem, Secret};

use crate::house::{House, ended, home, letters};

/// How the account stands when what it does now is over, and what was told without being asked for.
async fn at_rest(house: &mut House) -> (AccountState, Vec<Problem>) {
    let (mut worked, mut told) = (false, Vec::new());
    loop {
        match house.event().await {
            Event::Failed {
                ticket: None,
                problem,
                ..
            } => told.push(problem),
            Event::Account(state) => match state.phase {
                Phase::Idle if worked => return (*state, told),
                Phase::Idle => {}
                _ => worked = true,
            },
            _ => {}
        }
    }
}

/// In how many seconds the next check is due.
fn wait(state: &AccountState) -> Option<i64> {
    let now = poppet::backend::now().0;
    state.next_check.map(|due| due.0 - now)
}

fn refused(login: Login) -> Quirks {
    Quirks {
        login,
        ..Quirks::default()
    }
}

/// Quirks, the wait in seconds, and whether a trouble is told.
type Case = (Quirks, Option<i64>, bool);

#[tokio::test(flavor = "multi_thread")]
async fn p45_p49_p50_what_the_server_wants_and_what_went_wrong_decide_when_it_is_tried_again() {
    let hangs_up = Quirks {
        hang_up_after_greeting: true,
        ..Quirks::default()
    };
    let slow = Quirks {
        login_delay: Some(1200),
        ..refused(Login::Delay)
    };
    let bare = Quirks {
        no_auth_resp_code: true,
        ..refused(Login::RefusedWithoutCode)
    };
    let delay = |seconds| Quirks {
        login_delay: Some(seconds),
        ..Quirks::default()
    };
    let cases: [Case; 11] = [
        (Quirks::default(), Some(900), false),
        (delay(1200), Some(1200), false),
        (delay(60), Some(900), false),
        (hangs_up, Some(30), true),
        (refused(Login::InUse), Some(60), true),
        (refused(Login::Trouble), Some(120), false),
        (refused(Login::Broken), Some(900), true),
        (refused(Login::RefusedWithoutCode), Some(900), true),
        (slow, Some(1200), true),
        (bare, Some(900), true),
        (refused(Login::Refused), None, true),
    ];
    for (quirks, expected, tells) in cases {
        let mut house = House::automatic(quirks.clone());
        let (state, told) = at_rest(&mut house).await;
        let found = wait(&state);
        let near = match (found, expected) {
            (Some(found), Some(expected)) => (expected - 10..=expected).contains(&found),
            (found, expected) => found == expected,
        };
        assert!(near, "{quirks:?}: {found:?}");
        assert_eq!(!told.is_empty(), tells, "{quirks:?}: {told:?}");
        assert_eq!(state.problem.is_some(), tells, "{quirks:?}");
        let tries = house.server.maildrop().sessions().len();
        // A server that hangs up early might do so because of CAPA, and is greeted once more without it; a mailbox is often in
        // use for a moment only.
        let more = match quirks.login {
            Login::InUse => 2,
            _ => usize::from(quirks.hang_up_after_greeting),
        };
        assert_eq!(tries, 1 + more, "{quirks:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_doubles_until_it_works_again() {
    let mut house = House::automatic(Quirks {
        hang_up_after_greeting: true,
        ..Quirks::default()
    });
    let mut waits = vec![wait(&at_rest(&mut house).await.0).unwrap()];
    for _ in 0..2 {
        house.sync().await.unwrap_err();
        waits.push(wait(&at_rest_now(&mut house).await).unwrap());
    }
    for (wait, expected) in waits.iter().zip([30, 60, 120]) {
        assert!((expected - 10..=expected).contains(wait), "{waits:?}");
    }
    house.server.set_quirks(Quirks::default());
    house.sync().await.unwrap();
    let state = at_rest_now(&mut house).await;
    assert_eq!(state.problem, None);
    assert!(wait(&state).is_some_and(|wait| wait > 800));
    house.server.set_quirks(Quirks {
        hang_up_after_greeting: true,
        ..Quirks::default()
    });
    house.sync().await.unwrap_err();
    assert!(wait(&at_rest_now(&mut house).await).is_some_and(|wait| wait <= 30));
}

/// The state that is told when work that has ended with its ticket comes to rest.
async fn at_rest_now(house: &mut House) -> AccountState {
    loop {
        if let Event::Account(state) = house.event().await
            && state.phase == Phase::Idle
        {
            return *state;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p50_trouble_that_should_pass_is_told_when_it_has_not() {
    let mut house = House::automatic(refused(Login::Trouble));
    assert_eq!(at_rest(&mut house).await.1, []);
    // A new password is tried at once, by a check that nobody waits for.
    house
        .send(Command::Password {
            ticket: Ticket::new(),
            account: home(),
            password: Secret::new("demo".to_owned()),
            keep: false,
        })
        .await;
    let (state, told) = at_rest(&mut house).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].what, "The mailbox cannot be opened now");
    assert_eq!(state.problem.as_ref(), told.first());
}

#[tokio::test(flavor = "multi_thread")]
async fn q12_f25_a_server_that_removes_what_it_gave_is_asked_again_soon_while_it_brings_mail() {
    let quirks = |login_delay| Quirks {
        expire: Some(0),
        remove_retrieved: true,
        login_delay,
        ..Quirks::default()
    };
    let near = |found: Option<i64>, wanted: i64| {
        assert!(
            found.is_some_and(|found| (wanted - 10..=wanted).contains(&found)),
            "{found:?}"
        );
    };
    let mut house = House::automatic(quirks(Some(300)));
    near(wait(&at_rest(&mut house).await.0), 300);
    let mut house = House::automatic(quirks(None));
    near(wait(&at_rest(&mut house).await.0), 60);
    house.sync().await.unwrap();
    near(wait(&at_rest_now(&mut house).await), 900);
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_f25_what_a_server_removes_once_it_was_retrieved_puts_no_brake_on() {
    let quirks = Quirks {
        expire: Some(0),
        remove_retrieved: true,
        ..Quirks::default()
    };
    let mut house = House::with(letters(30), quirks, "");
    for _ in 0..2 {
        house.sync().await.unwrap();
        assert!(house.server.maildrop().uidls().is_empty());
        let record = house.store.accounts().await.unwrap().remove(0);
        assert_eq!(record.brake, None);
    }
    let whole = house.rows().await;
    assert_eq!(whole.len(), 30);
    assert!(whole.iter().all(|row| row.local == Local::Full));
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_while_a_check_is_under_way_ends_it_and_begins_no_other() {
    let mut house = House::with_latency(letters(3), Duration::from_millis(200));
    house.reopen().await;
    let listing =
        |event: &Event| matches!(event, Event::Account(state) if state.phase == Phase::Listing);
    while !listing(&house.event().await) {}
    ended(house.engine).await;
    assert_eq!(house.server.maildrop().sessions().len(), 1);
}
