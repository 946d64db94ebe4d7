//! The AUTHORIZATION state: USER, PASS, APOP, AUTH and STLS.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Command, Session, State, Step, Tls, err, ok};
use crate::demo::{
    auth::{Exchange, Mechanism, Verdict},
    quirks::{Login, Stls, Utf8},
};

impl Session {
    pub(super) fn authorize(&mut self, command: &Command<'_>, out: &mut Vec<u8>) {
        match command.verb.as_str() {
            "USER" if !self.quirks.no_user => self.user(command, out),
            "PASS" if !self.quirks.no_user => self.pass(command, out),
            "APOP" if !self.quirks.no_apop => self.apop(command, out),
            "UTF8" if self.quirks.utf8 != Utf8::Missing => self.utf8(command, out),
            "AUTH" if !self.quirks.mechanisms.is_empty() => self.auth(command, out),
            _ => self.fault(command, "unknown command in AUTHORIZATION", out),
        }
    }

    /// RFC 2595 section 4.
    pub(super) fn stls(&mut self, command: &Command<'_>, out: &mut Vec<u8>) -> Step {
        if command.argument.is_some() || !self.offers_stls() {
            let text = match self.tls {
                Tls::Active => "TLS is active already",
                _ => "STLS is not available",
            };
            self.fault(command, text, out);
            return Step::Onward;
        }
        if self.quirks.stls == Stls::Refused {
            err(out, "[SYS/TEMP] TLS cannot be started");
            return Step::Onward;
        }
        self.state = State::Authorization { user: None };
        ok(out, "begin TLS");
        if let Stls::Injected(octets) = &self.quirks.stls {
            out.extend_from_slice(octets);
        }
        Step::StartTls
    }

    pub(super) fn sasl_response(&mut self, exchange: Exchange, line: &[u8], out: &mut Vec<u8>) {
        if line == b"*" {
            return err(out, "authentication cancelled");
        }
        match STANDARD.decode(line) {
            Ok(response) => self.respond(exchange, &response, out),
            Err(_) => self.malformed("a response that is not base64", out),
        }
    }

    /// RFC 6856 section 2.1.
    fn utf8(&mut self, command: &Command<'_>, out: &mut Vec<u8>) {
        if command.argument.is_some() {
            return self.fault(command, "UTF8 takes no argument", out);
        }
        if self.quirks.utf8 == Utf8::Refused {
            return err(out, "[SYS/TEMP] no UTF-8 now");
        }
        self.utf8 = true;
        ok(out, "UTF-8 it is");
    }

    fn user(&mut self, command: &Command<'_>, out: &mut Vec<u8>) {
        match command.argument {
            None | Some(b"") => self.fault(command, "USER needs a name", out),
            Some(name) => {
                self.state = State::Authorization {
                    user: Some(name.to_vec()),
                };
                ok(out, "now the password");
            }
        }
    }

    fn pass(&mut self, command: &Command<'_>, out: &mut Vec<u8>) {
        let State::Authorization { user } = &mut self.state else {
            return;
        };
        let Some(user) = user.take() else {
            return self.fault(command, "PASS comes directly after USER", out);
        };
        let password = command.argument.unwrap_or_default();
        let accepted = self.credentials.accept_password(&user, password);
        self.log_in(accepted, out);
    }

    fn apop(&mut self, command: &Command<'_>, out: &mut Vec<u8>) {
        let words = command.words();
        let [user, digest] = words.as_slice() else {
            return self.fault(command, "APOP needs a name and a digest", out);
        };
        let timestamp = self.timestamp();
        let accepted = self.credentials.accept_apop(user, &timestamp, digest);
        self.log_in(accepted, out);
    }

    /// RFC 5034 section 4.
    fn auth(&mut self, command: &Command<'_>, out: &mut Vec<u8>) {
        let words = command.words();
        let (name, initial) = match words.as_slice() {
            [name] => (*name, None),
            [name, initial] => (*name, Some(*initial)),
            _ => return self.fault(command, "AUTH needs a mechanism", out),
        };
        let offered = self.quirks.mechanisms.iter().copied();
        let Some(mechanism) = offered
            .into_iter()
            .find(|one: &Mechanism| name.eq_ignore_ascii_case(one.name().as_bytes()))
        else {
            return self.fault(command, "mechanism not offered", out);
        };
        self.exchanges += 1;
        let nonce = format!("{}.{}", self.nonce, self.exchanges);
        let (exchange, challenge) = Exchange::start(mechanism, &nonce);
        match initial {
            None => self.challenge(&challenge, exchange, out),
            Some(_) if !exchange.takes_initial_response() => {
                self.fault(command, "the server speaks first in this mechanism", out);
            }
            Some(b"=") => self.respond(exchange, b"", out),
            Some(response) => match STANDARD.decode(response) {
                Ok(response) => self.respond(exchange, &response, out),
                Err(_) => self.malformed("an initial response that is not base64", out),
            },
        }
    }

    fn respond(&mut self, exchange: Exchange, response: &[u8], out: &mut Vec<u8>) {
        match exchange.respond(response, &self.credentials) {
            Verdict::Challenge(challenge, exchange) => self.challenge(&challenge, exchange, out),
            Verdict::Accepted => self.log_in(true, out),
            Verdict::Refused => self.log_in(false, out),
            Verdict::Malformed => self.malformed("a response that the mechanism forbids", out),
        }
    }

    fn challenge(&mut self, challenge: &[u8], exchange: Exchange, out: &mut Vec<u8>) {
        out.extend_from_slice(b"+ ");
        out.extend_from_slice(STANDARD.encode(challenge).as_bytes());
        out.extend_from_slice(b"\r\n");
        self.state = State::Sasl(exchange);
    }

    fn malformed(&mut self, what: &str, out: &mut Vec<u8>) {
        self.visit.complain(format!("AUTH: {what}"));
        err(out, "this is no response");
    }

    fn log_in(&mut self, accepted: bool, out: &mut Vec<u8>) {
        if !accepted {
            return err(out, "[AUTH] wrong name or password");
        }
        match self.quirks.login {
            Login::Honest => {}
            Login::Refused => return err(out, "[AUTH] wrong name or password"),
            Login::RefusedWithoutCode => return err(out, "cannot log in"),
            Login::InUse => return err(out, "[IN-USE] the mailbox is in use"),
            Login::Delay => return err(out, "[LOGIN-DELAY] too soon after the last login"),
            Login::Trouble => return err(out, "[SYS/TEMP] try again later"),
            Login::Broken => return err(out, "[SYS/PERM] the disk is broken"),
            Login::Says(words) => return err(out, words),
        }
        match self.visit.open(&self.quirks) {
            Ok(lease) => {
                let (messages, octets) = lease.totals();
                self.state = State::Transaction(lease);
                ok(out, &format!("{messages} messages, {octets} octets"));
            }
            Err(_) => err(out, "[IN-USE] the mailbox is in use"),
        }
    }
}
