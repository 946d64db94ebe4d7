//! Every way to log in, and to be refused.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use poppet::demo::{Login, Mechanism, Quirks, Server, ServerOptions};
use sha2::{Digest, Sha256};

use crate::{client::Client, good, serve, three};

async fn refused_then(accepted: &str, refused: &str) {
    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    assert_eq!(
        client.ask(refused).await,
        "-ERR [AUTH] wrong name or password"
    );
    assert_eq!(client.ask(accepted).await, "+OK 3 messages, 72 octets");
}

#[tokio::test]
async fn user_and_pass_log_in_and_a_wrong_password_does_not() {
    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    client.ask("USER demo").await;
    assert_eq!(
        client.ask("PASS demo ").await,
        "-ERR [AUTH] wrong name or password"
    );
    client.ask("USER nobody").await;
    assert_eq!(
        client.ask("PASS demo").await,
        "-ERR [AUTH] wrong name or password"
    );
    client.log_in().await;
}

#[tokio::test]
async fn a_password_may_hold_spaces() {
    let mut options = ServerOptions::new(three());
    options.password = " two  words ".to_owned();
    let server = Server::start(options).unwrap();
    let (mut client, _) = Client::greeted(&server).await;
    client.ask("USER demo").await;
    assert!(client.ask("PASS  two  words ").await.starts_with("+OK"));
}

#[tokio::test]
async fn plain_logs_in_with_and_without_initial_response() {
    let right = STANDARD.encode("\0demo\0demo");
    let wrong = STANDARD.encode("\0demo\0other");
    refused_then(
        &format!("AUTH PLAIN {right}"),
        &format!("auth plain {wrong}"),
    )
    .await;

    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    assert_eq!(client.ask("AUTH PLAIN").await, "+ ");
    assert_eq!(client.ask("*").await, "-ERR authentication cancelled");
    assert_eq!(client.ask("AUTH PLAIN").await, "+ ");
    assert_eq!(client.ask("no base64!").await, "-ERR this is no response");
    assert_eq!(client.ask("AUTH PLAIN").await, "+ ");
    assert!(client.ask(&right).await.starts_with("+OK"));
}

#[tokio::test]
async fn login_asks_for_name_and_password() {
    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    for (password, status) in [("other", "-ERR [AUTH]"), ("demo", "+OK")] {
        assert_eq!(client.ask("AUTH LOGIN").await, "+ VXNlcm5hbWU6");
        assert_eq!(client.ask(&STANDARD.encode("demo")).await, "+ UGFzc3dvcmQ6");
        assert!(
            client
                .ask(&STANDARD.encode(password))
                .await
                .starts_with(status)
        );
    }
}

#[tokio::test]
async fn cram_md5_wants_the_keyed_digest_of_the_challenge() {
    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    for (password, status) in [("other", "-ERR [AUTH]"), ("demo", "+OK")] {
        let line = client.ask("AUTH CRAM-MD5").await;
        let challenge = STANDARD.decode(line.strip_prefix("+ ").unwrap()).unwrap();
        let mut mac = Hmac::<Md5>::new_from_slice(password.as_bytes()).unwrap();
        mac.update(&challenge);
        let response = format!("demo {}", hex(&mac.finalize().into_bytes()));
        assert!(
            client
                .ask(&STANDARD.encode(response))
                .await
                .starts_with(status)
        );
    }
}

#[tokio::test]
async fn apop_wants_the_digest_of_timestamp_and_password() {
    let server = good(&three());
    let (mut client, greeting) = Client::greeted(&server).await;
    let timestamp = &greeting[greeting.find('<').unwrap()..];
    for (password, status) in [("other", "-ERR [AUTH]"), ("demo", "+OK")] {
        let digest = Md5::digest(format!("{timestamp}{password}"));
        assert!(
            client
                .ask(&format!("APOP demo {}", hex(&digest)))
                .await
                .starts_with(status)
        );
    }
}

#[tokio::test]
async fn every_session_has_another_timestamp() {
    let server = good(&three());
    let (_, one) = Client::greeted(&server).await;
    let (_, two) = Client::greeted(&server).await;
    assert_ne!(one, two);
}

fn hex(octets: &[u8]) -> String {
    let digits: Vec<_> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    digits.concat()
}

fn hmac_sha256(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// The client's side of SCRAM-SHA-256: the final message, and the signature the server has to answer with.
fn scram_final(server_first: &str, password: &str) -> (String, String) {
    let mut fields = server_first.split(',').map(|field| &field[2..]);
    let (nonce, salt, rounds) = (
        fields.next().unwrap(),
        fields.next().unwrap(),
        fields.next().unwrap(),
    );
    let mut salt = STANDARD.decode(salt).unwrap();
    salt.extend_from_slice(&[0, 0, 0, 1]);
    let mut round = hmac_sha256(password.as_bytes(), &salt);
    let mut salted = round;
    for _ in 1..rounds.parse().unwrap() {
        round = hmac_sha256(password.as_bytes(), &round);
        salted
            .iter_mut()
            .zip(round)
            .for_each(|(left, right)| *left ^= right);
    }
    let without_proof = format!("c=biws,r={nonce}");
    let said = format!("n=demo,r=client,{server_first},{without_proof}");
    let client_key = hmac_sha256(&salted, b"Client Key");
    let signature = hmac_sha256(&Sha256::digest(client_key), said.as_bytes());
    let proof: Vec<u8> = client_key
        .iter()
        .zip(signature)
        .map(|(left, right)| left ^ right)
        .collect();
    let server_key = hmac_sha256(&salted, b"Server Key");
    let expected = STANDARD.encode(hmac_sha256(&server_key, said.as_bytes()));
    (
        format!("{without_proof},p={}", STANDARD.encode(proof)),
        format!("v={expected}"),
    )
}

#[tokio::test]
async fn scram_sha_256_proves_both_sides() {
    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    let first = STANDARD.encode("n,,n=demo,r=client");
    for password in ["other", "demo"] {
        let line = client.ask(&format!("AUTH SCRAM-SHA-256 {first}")).await;
        let challenge = STANDARD.decode(line.strip_prefix("+ ").unwrap()).unwrap();
        let challenge = String::from_utf8(challenge).unwrap();
        assert!(challenge.starts_with("r=client"));
        let (response, signature) = scram_final(&challenge, password);
        let answer = client.ask(&STANDARD.encode(response)).await;
        if password == "other" {
            assert_eq!(answer, "-ERR [AUTH] wrong name or password");
        } else {
            assert_eq!(answer, format!("+ {}", STANDARD.encode(signature)));
            assert!(client.ask("").await.starts_with("+OK"));
        }
    }
}

#[tokio::test]
async fn a_refused_token_is_explained_in_a_challenge() {
    let quirks = Quirks {
        mechanisms: vec![Mechanism::XOAuth2, Mechanism::OAuthBearer],
        ..Quirks::default()
    };
    let server = serve(&three(), quirks);
    let (mut client, _) = Client::greeted(&server).await;
    assert!(
        client
            .ask_lines("CAPA")
            .await
            .contains("\r\nSASL XOAUTH2 OAUTHBEARER\r\n")
    );
    let wrong = STANDARD.encode("user=demo\x01auth=Bearer stale\x01\x01");
    assert!(
        client
            .ask(&format!("AUTH XOAUTH2 {wrong}"))
            .await
            .starts_with("+ eyJ")
    );
    assert_eq!(client.ask("").await, "-ERR [AUTH] wrong name or password");
    let right = STANDARD.encode("n,a=demo,\x01host=localhost\x01auth=Bearer demo\x01\x01");
    assert!(
        client
            .ask(&format!("AUTH OAUTHBEARER {right}"))
            .await
            .starts_with("+OK")
    );
}

#[tokio::test]
async fn logins_can_be_refused_in_every_way() {
    for (login, start) in [
        (Login::Refused, "-ERR [AUTH] "),
        (Login::RefusedWithoutCode, "-ERR cannot"),
        (Login::InUse, "-ERR [IN-USE] "),
        (Login::Delay, "-ERR [LOGIN-DELAY] "),
        (Login::Trouble, "-ERR [SYS/TEMP] "),
    ] {
        let quirks = Quirks {
            login,
            ..Quirks::default()
        };
        let server = serve(&three(), quirks);
        let (mut client, _) = Client::greeted(&server).await;
        client.ask("USER demo").await;
        let reply = client.ask("PASS demo").await;
        assert!(reply.starts_with(start), "{reply}");
        server.set_quirks(Quirks::default());
        Client::logged_in(&server).await;
    }
}
