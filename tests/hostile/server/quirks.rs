//! What real servers do, by the numbers of the list: a test names a quirk and not a script.
//!
//! Those that are a matter of the messages or of their names (Q7 to Q9, Q22, Q23) are in `identity` and in the tests' mailboxes.

use poppet::demo::{Login, Mechanism, Pipelined, Quirks, Stls};

use super::behaviour::{Act, At, Behaviour, Twist, Wire};

/// What a server does differently from a good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quirk {
    Q1NoUidl,
    Q2NoTop,
    Q2TopOfSomeOnly,
    Q3TopGivesAll,
    Q3TopGivesTenLines,
    Q3TopEndsAt64k,
    Q3TopSaysOkTwice,
    Q3TopLosesTheFirstReceived,
    Q4TopStuffsNothing,
    Q5UidlWithManySpaces,
    Q5UidlWithOkOnEveryLine,
    Q5UidlWithGaps,
    Q5UidlWithoutSomeIds,
    Q5UidlWithTextBehind,
    Q6UidlOf130Octets,
    Q7UidlWithOddOctets,
    Q9UidlSharedByTwo,
    Q10SizesOfTheStoredForm,
    Q10SizesRoundedTo1024,
    Q10StatWithANegativeTotal,
    Q11ListHasOneMoreThanUidl,
    Q11UidlHasOneMoreThanList,
    Q11ListedAndNotThere,
    Q12RetrievedIsHidden,
    Q13RetrievedIsDeleted,
    Q14CapaHangs,
    Q14CapaDropsTheConnection,
    Q15CapaInLowerCase,
    Q15CapaRefusedAfterTheLogin,
    Q15StlsRefused,
    Q16OneAnswerForMany,
    Q16EverySecondLost,
    Q16RubbishBehindAnAnswer,
    Q17CommandsMustComeWhole,
    Q18HangsUpOnAMechanism,
    Q19ShutsDownAfterAnAnswer,
    Q20DotBehindTheLastOctet,
    Q21LineFeedsAlone,
    Q24InUseForAWhile,
    Q25OctetByOctet,
    Q26TooSoon,
    Q26TooManyConnections,
    Q27LinesCutAt1024,
    Q28NoLast,
    Q29StatCountsFourBillion,
    Q30BareGreeting,
    Q30GreetingWithTwoSpaces,
    Q30GreetingWithStampInside,
    Q30GreetingWithEscapes,
    Q30GreetingOfManyLines,
}

impl Quirk {
    /// All of them.
    pub(crate) const ALL: [Self; 50] = [
        Self::Q1NoUidl,
        Self::Q2NoTop,
        Self::Q2TopOfSomeOnly,
        Self::Q3TopGivesAll,
        Self::Q3TopGivesTenLines,
        Self::Q3TopEndsAt64k,
        Self::Q3TopSaysOkTwice,
        Self::Q3TopLosesTheFirstReceived,
        Self::Q4TopStuffsNothing,
        Self::Q5UidlWithManySpaces,
        Self::Q5UidlWithOkOnEveryLine,
        Self::Q5UidlWithGaps,
        Self::Q5UidlWithoutSomeIds,
        Self::Q5UidlWithTextBehind,
        Self::Q6UidlOf130Octets,
        Self::Q7UidlWithOddOctets,
        Self::Q9UidlSharedByTwo,
        Self::Q10SizesOfTheStoredForm,
        Self::Q10SizesRoundedTo1024,
        Self::Q10StatWithANegativeTotal,
        Self::Q11ListHasOneMoreThanUidl,
        Self::Q11UidlHasOneMoreThanList,
        Self::Q11ListedAndNotThere,
        Self::Q12RetrievedIsHidden,
        Self::Q13RetrievedIsDeleted,
        Self::Q14CapaHangs,
        Self::Q14CapaDropsTheConnection,
        Self::Q15CapaInLowerCase,
        Self::Q15CapaRefusedAfterTheLogin,
        Self::Q15StlsRefused,
        Self::Q16OneAnswerForMany,
        Self::Q16EverySecondLost,
        Self::Q16RubbishBehindAnAnswer,
        Self::Q17CommandsMustComeWhole,
        Self::Q18HangsUpOnAMechanism,
        Self::Q19ShutsDownAfterAnAnswer,
        Self::Q20DotBehindTheLastOctet,
        Self::Q21LineFeedsAlone,
        Self::Q24InUseForAWhile,
        Self::Q25OctetByOctet,
        Self::Q26TooSoon,
        Self::Q26TooManyConnections,
        Self::Q27LinesCutAt1024,
        Self::Q28NoLast,
        Self::Q29StatCountsFourBillion,
        Self::Q30BareGreeting,
        Self::Q30GreetingWithTwoSpaces,
        Self::Q30GreetingWithStampInside,
        Self::Q30GreetingWithEscapes,
        Self::Q30GreetingOfManyLines,
    ];

    /// A server with this quirk and no other.
    pub(crate) fn server(self) -> Behaviour {
        self.added_to(Behaviour::default())
    }

    /// The same server with this quirk as well.
    #[must_use]
    pub(crate) fn added_to(self, mut server: Behaviour) -> Behaviour {
        server.twists.extend(self.twist());
        server.twists.extend(self.second_twist());
        if let Some(wire) = self.wire() {
            server.wire = wire;
        }
        self.switch(&mut server.quirks);
        server
    }

    fn switch(self, quirks: &mut Quirks) {
        match self {
            Self::Q1NoUidl => quirks.no_uidl = true,
            Self::Q2NoTop => quirks.no_top = true,
            Self::Q3TopGivesAll
            | Self::Q3TopGivesTenLines
            | Self::Q3TopEndsAt64k
            | Self::Q4TopStuffsNothing => quirks.top_returns_everything = true,
            Self::Q9UidlSharedByTwo => quirks.duplicate_uidls = true,
            Self::Q12RetrievedIsHidden => {
                quirks.remove_retrieved = true;
                quirks.expire = Some(0);
            }
            Self::Q13RetrievedIsDeleted => quirks.remove_retrieved = true,
            Self::Q15CapaRefusedAfterTheLogin => quirks.capa_after_login = Some(Vec::new()),
            Self::Q15StlsRefused => quirks.stls = Stls::Refused,
            Self::Q16OneAnswerForMany => quirks.discard_pipelined = true,
            Self::Q16EverySecondLost => quirks.pipelined = Pipelined::LostBeyond(1),
            Self::Q16RubbishBehindAnAnswer => quirks.pipelined = Pipelined::Garbled,
            Self::Q18HangsUpOnAMechanism => {
                quirks.mechanisms = vec![Mechanism::Plain, Mechanism::CramMd5];
            }
            // With CRLF behind a challenge it would be another server.
            Self::Q21LineFeedsAlone => quirks.mechanisms = Vec::new(),
            Self::Q24InUseForAWhile => quirks.login = Login::InUse,
            Self::Q26TooSoon => quirks.login = Login::Delay,
            Self::Q26TooManyConnections => {
                quirks.login = Login::Says("Too many open connections");
            }
            _ => {}
        }
    }

    fn wire(self) -> Option<Wire> {
        let wire = Wire::default();
        match self {
            Self::Q17CommandsMustComeWhole => Some(Wire {
                whole_commands: true,
                ..wire
            }),
            Self::Q25OctetByOctet => Some(Wire {
                split: Some(1),
                ..wire
            }),
            _ => None,
        }
    }

    /// A server that leaves a message out of all its answers does not tell of it when asked for it alone either.
    fn second_twist(self) -> Option<Twist> {
        let at = match self {
            Self::Q5UidlWithGaps => At::Of("UIDL", "2"),
            Self::Q11ListHasOneMoreThanUidl => At::Of("UIDL", "5"),
            Self::Q11UidlHasOneMoreThanList => At::Of("LIST", "5"),
            _ => return None,
        };
        let act = refuse("-ERR no such message");
        Some(Twist { at, act })
    }

    fn twist(self) -> Option<Twist> {
        let (at, act) = match self {
            Self::Q2TopOfSomeOnly => (At::Of("TOP", "2 0"), refuse("-ERR not of this one")),
            Self::Q3TopGivesTenLines => (At::Every("TOP"), Act::Map(ten_lines)),
            Self::Q3TopEndsAt64k => (At::Every("TOP"), Act::Map(end_at_64k)),
            Self::Q3TopSaysOkTwice => {
                (At::Every("TOP"), Act::Map(|top| [b"+OK\r\n", top].concat()))
            }
            Self::Q3TopLosesTheFirstReceived => (At::Every("TOP"), Act::Map(without_received)),
            Self::Q4TopStuffsNothing => (At::Every("TOP"), Act::Map(unstuffed)),
            Self::Q5UidlWithManySpaces => (At::Every("UIDL"), Act::Map(many_spaces)),
            Self::Q5UidlWithOkOnEveryLine => (At::Every("UIDL"), Act::Map(ok_on_every_line)),
            Self::Q5UidlWithGaps => (At::Of("UIDL", ""), Act::Map(|all| without_line(all, 2))),
            Self::Q5UidlWithoutSomeIds => (At::Every("UIDL"), Act::Map(without_ids)),
            Self::Q5UidlWithTextBehind => (At::Every("UIDL"), Act::Map(text_behind)),
            Self::Q6UidlOf130Octets => (At::Every("UIDL"), Act::Map(long_ids)),
            Self::Q7UidlWithOddOctets => (At::Every("UIDL"), Act::Map(odd_ids)),
            Self::Q10SizesOfTheStoredForm => (At::Every("LIST"), Act::Map(smaller)),
            Self::Q10SizesRoundedTo1024 => (At::Every("LIST"), Act::Map(rounded)),
            Self::Q10StatWithANegativeTotal => (At::Every("STAT"), Act::Map(negative_total)),
            Self::Q11ListHasOneMoreThanUidl => (At::Of("UIDL", ""), Act::Map(without_last_line)),
            Self::Q11UidlHasOneMoreThanList => (At::Of("LIST", ""), Act::Map(without_last_line)),
            Self::Q11ListedAndNotThere => (At::Of("RETR", "3"), refuse("-ERR no such message")),
            Self::Q14CapaHangs => (At::Every("CAPA"), Act::Silence { done: false }),
            Self::Q14CapaDropsTheConnection => (At::Every("CAPA"), Act::Close { done: false }),
            Self::Q15CapaInLowerCase => (At::Every("CAPA"), Act::Map(lower_case)),
            Self::Q18HangsUpOnAMechanism => {
                (At::Of("AUTH", "CRAM-MD5"), Act::Close { done: false })
            }
            Self::Q19ShutsDownAfterAnAnswer => {
                let bye = b"-ERR [SYS/TEMP] Server is shutting down.\r\n";
                (At::Nth("RETR", 2), Act::Behind(bye.to_vec()))
            }
            Self::Q20DotBehindTheLastOctet => (At::Every("RETR"), Act::Map(dot_behind)),
            Self::Q21LineFeedsAlone => (At::Any, Act::Map(line_feeds)),
            Self::Q27LinesCutAt1024 => (At::Every("RETR"), Act::Map(cut_lines)),
            Self::Q28NoLast => (At::Every("LAST"), refuse("-ERR unknown")),
            Self::Q29StatCountsFourBillion => {
                let said = b"+OK 4294967295 18446744073709551615\r\n".to_vec();
                (At::Every("STAT"), Act::Say(said))
            }
            Self::Q30BareGreeting => greeting(b"+OK\r\n"),
            Self::Q30GreetingWithTwoSpaces => greeting(b"+OK  ready\r\n"),
            Self::Q30GreetingWithStampInside => {
                greeting(b"+OK <1896.697170952@a.example> POP3 ready here\r\n")
            }
            Self::Q30GreetingWithEscapes => greeting(b"+OK \x1b]0;owned\x07\x1b[2J ready\r\n"),
            Self::Q30GreetingOfManyLines => greeting(b"+OK ready\r\n+OK and more\r\n"),
            _ => return None,
        };
        Some(Twist { at, act })
    }
}

fn refuse(text: &str) -> Act {
    Act::Refuse(format!("{text}\r\n").into_bytes())
}

fn greeting(said: &[u8]) -> (At, Act) {
    (At::Command(0), Act::Say(said.to_vec()))
}

/// The lines of an answer, each with its line end.
fn lines(answer: &[u8]) -> impl Iterator<Item = &[u8]> {
    answer.split_inclusive(|octet| *octet == b'\n')
}

/// Changes the lines between the status and the dot, each without its line end; what becomes nothing goes.
fn each_line(answer: &[u8], change: impl Fn(usize, &str) -> Option<String>) -> Vec<u8> {
    let text = String::from_utf8_lossy(answer).into_owned();
    let all: Vec<&str> = text.lines().collect();
    // The answer for a single message is its status line.
    let several = all.last() == Some(&".");
    let mut changed = String::new();
    for (index, line) in all.iter().enumerate() {
        let line = match line.strip_prefix("+OK ") {
            Some(single) if !several => change(1, single).map(|line| format!("+OK {line}")),
            _ if !several || index == 0 || index + 1 == all.len() => Some((*line).to_owned()),
            _ => change(index, line),
        };
        if let Some(line) = line {
            changed.push_str(&line);
            changed.push_str("\r\n");
        }
    }
    changed.into_bytes()
}

/// Header block and ten lines of the body.
fn ten_lines(answer: &[u8]) -> Vec<u8> {
    let blank = lines(answer).position(|line| line == b"\r\n");
    let Some(blank) = blank else {
        return answer.to_vec();
    };
    let kept: Vec<&[u8]> = lines(answer).take(blank + 11).collect();
    let mut kept = kept.concat();
    if !kept.ends_with(b"\r\n.\r\n") {
        kept.extend_from_slice(b".\r\n");
    }
    kept
}

fn end_at_64k(answer: &[u8]) -> Vec<u8> {
    if answer.len() <= 65_536 {
        return answer.to_vec();
    }
    [&answer[..65_536], b"\r\n.\r\n"].concat()
}

fn without_received(answer: &[u8]) -> Vec<u8> {
    let mut gone = false;
    let kept: Vec<&[u8]> = lines(answer)
        .filter(|line| {
            let first = !gone && line.starts_with(b"Received:");
            gone |= first;
            !first
        })
        .collect();
    kept.concat()
}

pub(crate) fn unstuffed(answer: &[u8]) -> Vec<u8> {
    let all: Vec<&[u8]> = lines(answer)
        .map(|line| {
            line.strip_prefix(b".")
                .filter(|_| line.starts_with(b".."))
                .unwrap_or(line)
        })
        .collect();
    all.concat()
}

fn many_spaces(answer: &[u8]) -> Vec<u8> {
    each_line(answer, |_, line| Some(line.replace(' ', "    ")))
}

fn ok_on_every_line(answer: &[u8]) -> Vec<u8> {
    each_line(answer, |_, line| Some(format!("+OK {line}")))
}

fn without_line(answer: &[u8], number: usize) -> Vec<u8> {
    each_line(answer, |index, line| {
        (index != number).then(|| line.to_owned())
    })
}

fn without_last_line(answer: &[u8]) -> Vec<u8> {
    let all = lines(answer).count();
    if all < 3 {
        return answer.to_vec();
    }
    without_line(answer, all - 2)
}

fn without_ids(answer: &[u8]) -> Vec<u8> {
    each_line(answer, |index, line| {
        let number = line.split(' ').next().unwrap_or_default();
        Some(match index % 3 {
            1 => format!("{number} "),
            2 => number.to_owned(),
            _ => line.to_owned(),
        })
    })
}

fn text_behind(answer: &[u8]) -> Vec<u8> {
    each_line(answer, |_, line| Some(format!("{line} X-UIDL and more")))
}

fn long_ids(answer: &[u8]) -> Vec<u8> {
    each_line(answer, |_, line| Some(format!("{line}{}", "x".repeat(114))))
}

fn odd_ids(answer: &[u8]) -> Vec<u8> {
    each_line(answer, |_, line| Some(format!("{line}/../%n\"'`;\u{e9}")))
}

fn sizes(answer: &[u8], change: impl Fn(u64) -> u64) -> Vec<u8> {
    each_line(answer, |_, line| {
        let (number, octets) = line.split_once(' ')?;
        let octets = change(octets.parse().ok()?);
        Some(format!("{number} {octets}"))
    })
}

/// As a server counts that holds line feeds alone.
fn smaller(answer: &[u8]) -> Vec<u8> {
    sizes(answer, |octets| octets.saturating_sub(octets / 30 + 1))
}

fn rounded(answer: &[u8]) -> Vec<u8> {
    sizes(answer, |octets| octets.next_multiple_of(1024))
}

fn negative_total(answer: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(answer).into_owned();
    let count = text.split(' ').nth(1).unwrap_or_default();
    format!("+OK {count} -1832345\r\n").into_bytes()
}

fn lower_case(answer: &[u8]) -> Vec<u8> {
    let status = answer.iter().position(|octet| *octet == b'\n');
    let (status, tags) = answer.split_at(status.map_or(0, |end| end + 1));
    [status, &tags.to_ascii_lowercase()].concat()
}

/// The dot comes behind the last octet, with no line of its own, and nothing after it.
fn dot_behind(answer: &[u8]) -> Vec<u8> {
    match answer.strip_suffix(b"\r\n.\r\n") {
        Some(most) => [most, b"."].concat(),
        None => answer.to_vec(),
    }
}

fn line_feeds(answer: &[u8]) -> Vec<u8> {
    let mut alone = Vec::with_capacity(answer.len());
    for line in lines(answer) {
        alone.extend_from_slice(line.strip_suffix(b"\r\n").unwrap_or(line));
        if line.ends_with(b"\r\n") {
            alone.push(b'\n');
        }
    }
    alone
}

fn cut_lines(answer: &[u8]) -> Vec<u8> {
    let mut cut = Vec::new();
    for line in lines(answer) {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        cut.extend_from_slice(&text[..text.len().min(1_024)]);
        cut.extend_from_slice(&line[text.len()..]);
    }
    cut
}
