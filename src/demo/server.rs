//! The server: a listening socket, and a task for each connection on the runtime that started it.

use std::{
    fmt::{self, Debug, Formatter},
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use native_tls::Identity;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::oneshot,
    task::{JoinHandle, JoinSet},
};
use tokio_native_tls::TlsAcceptor;

use super::{
    auth::Credentials,
    connection::Connection,
    maildrop::Maildrop,
    quirks::Quirks,
    session::{Session, Tls},
};

/// What to serve, to whom and how.
pub struct ServerOptions {
    /// The mailbox. Keep a clone to look into it while it is being served.
    pub maildrop: Maildrop,
    /// The one name that may log in.
    pub user: String,
    /// Its password.
    pub password: String,
    /// How much later every answer arrives.
    pub latency: Duration,
    /// In which ways this is a bad server.
    pub quirks: Quirks,
    /// Certificate and key. Without them there is no TLS.
    pub tls: Option<Identity>,
    /// TLS from the first octet on (RFC 8314) rather than by STLS; needs `tls`.
    pub implicit_tls: bool,
    /// Where to listen; port 0 is any free one.
    pub address: SocketAddr,
}

impl ServerOptions {
    /// A good server on a free port of loopback, user and password `demo`, without TLS.
    pub fn new(maildrop: Maildrop) -> Self {
        Self {
            maildrop,
            user: "demo".to_owned(),
            password: "demo".to_owned(),
            latency: Duration::ZERO,
            quirks: Quirks::default(),
            tls: None,
            implicit_tls: false,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
        }
    }
}

impl Debug for ServerOptions {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ServerOptions")
            .field("latency", &self.latency)
            .field("quirks", &self.quirks)
            .field("implicit_tls", &self.implicit_tls)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// A running POP3 server. Dropping it ends it and all its sessions, without UPDATE.
pub struct Server {
    address: SocketAddr,
    user: String,
    password: String,
    implicit_tls: bool,
    maildrop: Maildrop,
    quirks: Arc<Mutex<Arc<Quirks>>>,
    /// Dropping it tells the task to end.
    running: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// What the connections of one server share.
struct Service {
    maildrop: Maildrop,
    credentials: Arc<Credentials>,
    latency: Duration,
    quirks: Arc<Mutex<Arc<Quirks>>>,
    acceptor: Option<TlsAcceptor>,
    implicit_tls: bool,
}

impl Server {
    /// Starts to listen, with its tasks on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When there is no runtime, the address cannot be had, the identity is not usable, or TLS is wanted from the
    /// first octet on without one.
    pub fn start(options: ServerOptions) -> io::Result<Self> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let acceptor = options
            .tls
            .map(native_tls::TlsAcceptor::new)
            .transpose()
            .map_err(io::Error::other)?
            .map(TlsAcceptor::from);
        if options.implicit_tls && acceptor.is_none() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "implicit TLS needs a certificate",
            ));
        }
        let listener = std::net::TcpListener::bind(options.address)?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        let quirks = Arc::new(Mutex::new(Arc::new(options.quirks)));
        let service = Arc::new(Service {
            maildrop: options.maildrop.clone(),
            credentials: Arc::new(Credentials {
                user: options.user.clone().into_bytes(),
                password: options.password.clone().into_bytes(),
            }),
            latency: options.latency,
            quirks: Arc::clone(&quirks),
            acceptor,
            implicit_tls: options.implicit_tls,
        });
        let (running, ended) = oneshot::channel();
        Ok(Self {
            address,
            user: options.user,
            password: options.password,
            implicit_tls: options.implicit_tls,
            maildrop: options.maildrop,
            quirks,
            running,
            task: runtime.spawn(service.listen(listener, ended)),
        })
    }

    /// Changes the behaviour towards connections made from now on.
    pub fn set_quirks(&self, quirks: Quirks) {
        *self.quirks.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(quirks);
    }

    /// Ends the server and its sessions, and waits until they are gone.
    pub async fn stop(self) {
        drop(self.running);
        // It never panics; and if it did, it would be gone all the same.
        let _ = self.task.await;
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `pop3://USER:PASSWORD@ADDRESS:PORT`, or `pop3s://` when TLS comes first; nothing in it is escaped.
    pub fn url(&self) -> String {
        let scheme = if self.implicit_tls { "pop3s" } else { "pop3" };
        format!(
            "{scheme}://{}:{}@{}",
            self.user, self.password, self.address
        )
    }

    /// The mailbox it serves.
    pub fn maildrop(&self) -> &Maildrop {
        &self.maildrop
    }
}

impl Debug for Server {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Service {
    /// Accepts connections until the server is dropped; then ends them all.
    async fn listen(self: Arc<Self>, listener: TcpListener, mut ended: oneshot::Receiver<()>) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                _ = &mut ended => return connections.shutdown().await,
                accepted = listener.accept() => match accepted {
                    Ok((socket, _)) => {
                        if let Ok(connection) = self.connection() {
                            let service = Arc::clone(&self);
                            connections.spawn(service.serve(connection, socket));
                        }
                    }
                    // Out of descriptors, or the client is gone already: others may still be served.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    fn connection(&self) -> io::Result<Connection> {
        let nonce = format!("{:016x}.{:016x}", random()?, random()?);
        let quirks = Arc::clone(&self.quirks.lock().unwrap_or_else(PoisonError::into_inner));
        let tls = match (&self.acceptor, self.implicit_tls) {
            (None, _) => Tls::Unavailable,
            (Some(_), false) => Tls::Available,
            (Some(_), true) => Tls::Active,
        };
        let allowance = quirks.hang_up_after;
        let credentials = Arc::clone(&self.credentials);
        let session = Session::new(self.maildrop.admit(), credentials, quirks, nonce, tls);
        Ok(Connection::new(session, self.latency, allowance))
    }

    /// A connection that breaks is the client's business: the maildrop has what there is to know.
    async fn serve(self: Arc<Self>, connection: Connection, socket: TcpStream) {
        let _ = socket.set_nodelay(true);
        let acceptor = self.acceptor.clone();
        let _ = connection.serve(socket, acceptor, self.implicit_tls).await;
    }
}

fn random() -> io::Result<u64> {
    getrandom::u64().map_err(|error| io::Error::other(error.to_string()))
}
