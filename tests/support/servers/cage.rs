//! A folder that is the whole world to a server: its package and all that it needs, unpacked; users and passwords of its own.

use std::fs::{File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Kind;
use crate::support::real::program;

/// The world of one server. Nobody else uses it for as long as the value lives.
pub(crate) struct Cage {
    root: PathBuf,
    _lock: File,
}

/// The folder of an unpacked server.
pub(crate) fn folder(kind: Kind) -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os(SERVERS)?).join(kind.name());
    folder.join("usr").is_dir().then_some(folder)
}

impl Cage {
    /// Prepares the folder: devices, users, and a way to check passwords.
    pub(crate) fn open(kind: Kind) -> Self {
        let root = folder(kind).expect("the server is unpacked");
        let lock = File::create(root.with_extension("lock")).expect("a lock");
        lock.lock().expect("take the lock");
        let cage = Self { root, _lock: lock };
        for folder in [
            "dev",
            "tmp",
            "etc/pam.d",
            "home/sam",
            "run",
            "proc",
            "var/lib",
        ] {
            std::fs::create_dir_all(cage.path(folder)).expect("a folder");
        }
        open_to_all(&cage.path("tmp"));
        cage.make_devices();
        cage.write("etc/passwd", PASSWD, 0o644);
        cage.write("etc/group", GROUP, 0o644);
        cage.write(
            "etc/shadow",
            &format!("sam:{HASH}:19000:0:99999:7:::\n"),
            0o600,
        );
        cage.write("etc/shells", "/bin/sh\n", 0o644);
        cage.write("etc/hosts", "127.0.0.1 localhost\n", 0o644);
        let switch = "passwd: files\ngroup: files\nshadow: files\nhosts: files\n";
        cage.write("etc/nsswitch.conf", switch, 0o644);
        for service in ["popa3d", "solid-pop3d", "pop3", "pop3d", "other"] {
            cage.write(&format!("etc/pam.d/{service}"), PAM, 0o644);
        }
        std::fs::create_dir_all(cage.path("var/lib/popa3d")).expect("a folder");
        give(&cage.path("home/sam"), OWNER);
        cage
    }

    /// A place inside.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// Writes a file anew, never through what is there.
    pub(crate) fn write(&self, inside: &str, text: &str, mode: u32) {
        let path = self.path(inside);
        let _ = std::fs::remove_file(&path);
        std::fs::write(&path, text).expect("write a file of the cage");
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).expect("its rights");
    }

    /// A program inside, with none of this process's variables.
    pub(crate) fn command(&self, program_inside: &str) -> Command {
        let mut command = Command::new(program("chroot").expect("the program chroot"));
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.arg(&self.root).arg(program_inside);
        command
    }

    fn make_devices(&self) {
        for device in ["null", "zero", "random", "urandom"] {
            let place = self.path("dev").join(device);
            if !place.exists() {
                let copied = Command::new("cp")
                    .arg("-a")
                    .arg(Path::new("/dev").join(device))
                    .arg(&place)
                    .status();
                assert!(
                    copied.is_ok_and(|status| status.success()),
                    "no /dev/{device}"
                );
            }
        }
    }
}

/// Gives a file to a user, where that is not so already.
pub(crate) fn give(path: &Path, owner: u32) {
    if rustix::process::getuid().is_root() {
        chown(path, Some(owner), Some(owner)).expect("give a file to its user");
    }
}

/// A folder in which everybody may make files, as `/tmp` is.
pub(crate) fn open_to_all(folder: &Path) {
    std::fs::set_permissions(folder, Permissions::from_mode(0o1777)).expect("open a folder");
}

/// The variable that names the folder with an unpacked server in each of its folders.
pub(crate) const SERVERS: &str = "POPPET_SERVERS";

/// Who the mail belongs to.
pub(crate) const OWNER: u32 = 65533;

/// `support::home::PASSWORD`, as crypt(3) keeps it.
const HASH: &str = "$6$poppet$/9YCpdFdmKrgk.270cDSC0DP8QiXCFoFrcd5CEaqwi26b9yhiYGCd4ujaSNkp2LisWpPwIKTjO8e0E3cxC/i7.";

const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\n\
    nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
    sam:x:65533:65533:Sam:/home/sam:/bin/sh\n\
    popa3d:x:990:990::/var/lib/popa3d:/usr/sbin/nologin\n\
    spop3d:x:991:991::/nonexistent:/usr/sbin/nologin\n\
    cyrus:x:992:8::/var/spool/cyrus:/bin/sh\n\
    courier:x:993:993::/var/lib/courier:/usr/sbin/nologin\n";

const GROUP: &str = "root:x:0:\nmail:x:8:\nsasl:x:45:cyrus\nsam:x:65533:\nnogroup:x:65534:\n\
    popa3d:x:990:\nspop3d:x:991:\ncourier:x:993:\n";

const PAM: &str = "auth required pam_unix.so\naccount required pam_unix.so\n\
    session required pam_permit.so\npassword required pam_deny.so\n";
