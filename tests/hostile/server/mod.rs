//! A POP3 server for tests that does everything to its clients that servers and networks have been seen to do.
//!
//! It is the embedded server's maildrop and session, which have a real UPDATE state, between two layers that only tests need and
//! that are therefore here and not in the program:
//!
//! - `behaviour`: what becomes of single answers and of the octets; `quirks`: Q1 to Q30 by their numbers; `profiles`: servers
//!   that were measured;
//! - `dialogue`: one connection without I/O, by which tests may also talk to it in memory (`visitor`);
//! - `wire`: sockets and TLS, cut and torn at any octet; `identity`: how a server names its messages, and how that goes wrong;
//! - `checker`: a strict reader of what the client sends. Every test ends with its complaints, of which there are to be none.
//!
//! Nothing in it waits for a time, and nothing is left to chance.

pub(crate) mod behaviour;
pub(crate) mod checker;
pub(crate) mod dialogue;
pub(crate) mod identity;
pub(crate) mod profiles;
pub(crate) mod quirks;
pub(crate) mod register;
pub(crate) mod visitor;
pub(crate) mod wire;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use poppet::demo::{Maildrop, Tls};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_native_tls::TlsAcceptor;

use behaviour::Behaviour;
use dialogue::Dialogue;
use register::Register;
use visitor::Visitor;
use wire::Carrier;

/// A running hostile server. Dropping it ends it and all its sessions, without UPDATE.
pub(crate) struct Hostile {
    pub(crate) address: SocketAddr,
    service: Arc<Service>,
    task: JoinHandle<()>,
}

/// What its connections share.
struct Service {
    maildrop: Maildrop,
    register: Arc<Register>,
    behaviour: Mutex<Arc<Behaviour>>,
    connections: AtomicU64,
    /// Some answer was to become another one.
    twisted: AtomicBool,
    acceptor: Option<TlsAcceptor>,
    implicit: bool,
}

impl Hostile {
    /// A server without TLS.
    pub(crate) fn start(maildrop: &Maildrop, behaviour: Behaviour) -> Self {
        Self::start_with(maildrop, behaviour, None, false)
    }

    /// With TLS if there is an `acceptor`, from the first octet on or by STLS.
    pub(crate) fn start_with(
        maildrop: &Maildrop,
        behaviour: Behaviour,
        acceptor: Option<TlsAcceptor>,
        implicit: bool,
    ) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("its address");
        let listener = TcpListener::from_std(listener).expect("a socket");
        let service = Arc::new(Service {
            maildrop: maildrop.clone(),
            register: Arc::default(),
            connections: AtomicU64::new(0),
            twisted: AtomicBool::new(!behaviour.twists.is_empty()),
            behaviour: Mutex::new(Arc::new(behaviour)),
            acceptor,
            implicit,
        });
        let task = tokio::spawn(Arc::clone(&service).listen(listener));
        Self {
            address,
            service,
            task,
        }
    }

    /// Behaves so towards connections made from now on.
    pub(crate) fn behave(&self, behaviour: Behaviour) {
        let twisted = !behaviour.twists.is_empty();
        self.service.twisted.fetch_or(twisted, Ordering::SeqCst);
        *self.service.behaviour.lock().expect("the behaviour") = Arc::new(behaviour);
    }

    pub(crate) fn maildrop(&self) -> &Maildrop {
        &self.service.maildrop
    }

    /// Somebody else who has logged in, as the server behaves now.
    pub(crate) fn visitor(&self) -> Visitor {
        let behaviour = Arc::clone(&self.service.behaviour.lock().expect("the behaviour"));
        let mut visitor = Visitor::new(self.maildrop(), &behaviour, &self.service.register);
        visitor.say("USER demo");
        visitor.say("PASS demo");
        visitor
    }

    /// What its connections share.
    pub(crate) fn register(&self) -> &Register {
        &self.service.register
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> u64 {
        self.service.connections.load(Ordering::SeqCst)
    }

    /// What its clients did that they should not, as the checker and as the embedded server see it.
    pub(crate) fn violations(&self) -> Vec<String> {
        let mut all = self.register().violations();
        // Where the client is told another thing than the embedded server has said, only the checker knows what it was told.
        if !self.service.twisted.load(Ordering::SeqCst) {
            // To try a command that the state allows and the server has not is no violation.
            let own = self.maildrop().violations().into_iter();
            all.extend(own.filter(|said| !said.contains(": unknown command in ")));
        }
        all
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Service {
    async fn listen(self: Arc<Self>, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => if let Ok((socket, _)) = accepted {
                    connections.spawn(Arc::clone(&self).serve(socket));
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    async fn serve(self: Arc<Self>, socket: TcpStream) {
        let number = self.connections.fetch_add(1, Ordering::SeqCst) + 1;
        let behaviour = Arc::clone(&self.behaviour.lock().expect("the behaviour"));
        let tls = match (&self.acceptor, self.implicit) {
            (None, _) => Tls::Unavailable,
            (Some(_), false) => Tls::Available,
            (Some(_), true) => Tls::Active,
        };
        let dialogue = Dialogue::new(
            &self.maildrop,
            Arc::clone(&behaviour),
            Arc::clone(&self.register),
            format!("nonce.{number}"),
            tls,
        );
        let carrier = Carrier::new(dialogue, behaviour.wire, Arc::clone(&self.register));
        let _ = socket.set_nodelay(true);
        carrier
            .serve(socket, self.acceptor.as_ref(), self.implicit)
            .await;
    }
}
