//! What a process asks of the network and of other programs, taken down: a small library that is loaded in front of the
//! C library.
//!
//! It also makes every name below `example` one of the loopback, so that certificates can be tried for names.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::real::{program, skip};

/// The library, built once. `None` after saying that the test is skipped.
pub(crate) fn shim() -> Option<&'static Path> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match BUILT.get_or_init(build) {
        Ok(path) => Some(path),
        Err(why) => {
            skip("a C compiler", why);
            None
        }
    }
}

/// Has `command` write what it asks for into `record`, a line each.
pub(crate) fn watch(command: &mut Command, shim: &Path, record: &Path) {
    command.env("LD_PRELOAD", shim).env("POPPET_RECORD", record);
}

/// What was taken down.
pub(crate) fn recorded(record: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(record).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn build() -> Result<PathBuf, String> {
    if !cfg!(target_os = "linux") {
        return Err("the library is for Linux".to_owned());
    }
    let compiler = program("cc").ok_or("there is no cc")?;
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("shim-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let source = folder.join("record.c");
    let library = folder.join("record.so");
    std::fs::write(&source, SOURCE).map_err(|error| error.to_string())?;
    let built = Command::new(compiler)
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(&source)
        .arg("-ldl")
        .output()
        .map_err(|error| error.to_string())?;
    if built.status.success() {
        Ok(library)
    } else {
        Err(String::from_utf8_lossy(&built.stderr).into_owned())
    }
}

const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void record(const char *what, const char *whom) {
    int before = errno;
    const char *path = getenv("POPPET_RECORD");
    if (path) {
        int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (file >= 0) {
            char line[600];
            int length = snprintf(line, sizeof line, "%s %.500s\n", what, whom ? whom : "");
            if (write(file, line, length) < 0) {}
            close(file);
        }
    }
    errno = before;
}

static void address(const char *what, const struct sockaddr *to) {
    char text[200] = "?";
    if (!to) return;
    if (to->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *) to;
        char ip[64];
        inet_ntop(AF_INET, &in->sin_addr, ip, sizeof ip);
        snprintf(text, sizeof text, "%s:%d", ip, ntohs(in->sin_port));
    } else if (to->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *) to;
        char ip[64];
        inet_ntop(AF_INET6, &in->sin6_addr, ip, sizeof ip);
        snprintf(text, sizeof text, "[%s]:%d", ip, ntohs(in->sin6_port));
    } else if (to->sa_family == AF_UNIX) {
        snprintf(text, sizeof text, "unix:%s", ((const struct sockaddr_un *) to)->sun_path);
    }
    record(what, text);
}

int connect(int socket, const struct sockaddr *to, socklen_t length) {
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
    address("connect", to);
    return real(socket, to, length);
}

ssize_t sendto(int socket, const void *octets, size_t count, int flags, const struct sockaddr *to, socklen_t length) {
    ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "sendto");
    address("sendto", to);
    return real(socket, octets, count, flags, to, length);
}

ssize_t sendmsg(int socket, const struct msghdr *message, int flags) {
    ssize_t (*real)(int, const struct msghdr *, int) = dlsym(RTLD_NEXT, "sendmsg");
    address("sendmsg", message->msg_name);
    return real(socket, message, flags);
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    record("resolve", name);
    size_t length = name ? strlen(name) : 0;
    if (length > 8 && strcmp(name + length - 8, ".example") == 0) name = "127.0.0.1";
    return real(name, service, hints, found);
}

int execve(const char *path, char *const argv[], char *const envp[]) {
    int (*real)(const char *, char *const[], char *const[]) = dlsym(RTLD_NEXT, "execve");
    record("run", path);
    return real(path, argv, envp);
}

int execvp(const char *path, char *const argv[]) {
    int (*real)(const char *, char *const[]) = dlsym(RTLD_NEXT, "execvp");
    record("run", path);
    return real(path, argv);
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                char *const argv[], char *const envp[]) {
    int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[], char *const[]) =
        dlsym(RTLD_NEXT, "posix_spawn");
    record("run", path);
    return real(pid, path, actions, attributes, argv, envp);
}

int posix_spawnp(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                 char *const argv[], char *const envp[]) {
    int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[], char *const[]) =
        dlsym(RTLD_NEXT, "posix_spawnp");
    record("run", path);
    return real(pid, path, actions, attributes, argv, envp);
}
"#;
