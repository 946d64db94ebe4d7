//! Every command of a session refused, answered with rubbish, or not answered at all.

use poppet::backend::Haste;

use crate::count::count;
use crate::house::Transport;
use crate::server::behaviour::{Act, At};
use crate::session::{Mode, case};
use crate::support::score::stride;

/// The commands of a clean session; the greeting is 0.
async fn commands(mode: Mode) -> u32 {
    let clean = case(mode, Transport::Plain, mode.server(), Haste::default()).await;
    assert!(clean.wrongs.is_empty(), "{mode:?}: {:?}", clean.wrongs);
    u32::try_from(clean.commands).expect("a few")
}

/// `haste`: how much less than usual a server is waited for; where the machine is busy, an answer takes its time.
async fn at_every_command(what: &str, acts: &[Act], share: usize, haste: u32) {
    for mode in Mode::ALL {
        let last = commands(mode).await;
        let cases: Vec<(u32, Act)> = (0..=last)
            .flat_map(|command| acts.iter().cloned().map(move |act| (command, act)))
            .step_by(stride(share))
            .collect();
        let name = format!("{what} at every command, {}", mode.name());
        count(&name, cases, |(command, act)| async move {
            let behaviour = mode.server().with(At::Command(command), act.clone());
            let outcome = case(mode, Transport::Plain, behaviour, Haste::times(haste)).await;
            (format!("command {command}: {act:?}"), outcome)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f8_a_refusal_of_any_command_with_any_code_loses_nothing() {
    let texts = [
        "-ERR",
        "-ERR no",
        "-ERR [IN-USE] later",
        "-ERR [IN-USE/foo] later",
        "-ERR [LOGIN-DELAY] later",
        "-ERR [SYS/TEMP] later",
        "-ERR [SYS/PERM] never",
        "-ERR [AUTH] who?",
        "-ERR [UTF8] what?",
        "-ERR [NO/SUCH] code",
    ];
    let acts = texts.map(|text| Act::Refuse(format!("{text}\r\n").into_bytes()));
    at_every_command("-ERR with and without each code", &acts, 7, 300).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f9_rubbish_in_the_place_of_any_answer_or_beside_it_loses_nothing() {
    let rubbish: [&[u8]; 5] = [
        b"* OK [CAPABILITY IMAP4rev1] wrong door\r\n",
        b"+ok\r\n",
        b"\r\n",
        b"\x00\xff\x1b[2J\r\n.\r\n",
        b"+ \r\n",
    ];
    let mut acts: Vec<Act> = rubbish.map(|said| Act::Say(said.to_vec())).into();
    acts.push(Act::Before(b"+OK\r\n".to_vec()));
    acts.push(Act::Behind(b"+OK 1 1\r\n".to_vec()));
    acts.push(Act::Behind(b".\r\n".to_vec()));
    acts.push(Act::Map(|answer| answer[..answer.len() / 2].to_vec()));
    acts.push(Act::Map(|_| b"+OK\r\n".to_vec()));
    at_every_command("rubbish", &acts, 7, 300).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_an_error_that_nobody_asked_for_loses_nothing() {
    let bye = b"-ERR [SYS/TEMP] Server is shutting down.\r\n".to_vec();
    let idle = b"-ERR Disconnected for inactivity.\r\n".to_vec();
    let acts = [Act::Behind(bye), Act::Before(idle)];
    at_every_command("an error that nobody asked for", &acts, 1, 300).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f9_silence_at_any_command_ends_in_time_and_loses_nothing() {
    let acts = [Act::Silence { done: true }, Act::Silence { done: false }];
    at_every_command("silence", &acts, 3, 1_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f6_a_connection_that_is_closed_at_any_command_loses_nothing() {
    let acts = [Act::Close { done: true }, Act::Close { done: false }];
    at_every_command("a closed connection", &acts, 3, 300).await;
}
