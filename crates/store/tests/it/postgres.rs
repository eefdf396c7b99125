//! A PostgreSQL server of the distribution's package, on a free port, for the length of a test.

use arkwright_store::Store;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

pub struct Server {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
}

impl Server {
    /// `None`, with a word, where no server is installed; that is a failure where `CI` is `true`.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "PostgreSQL is not installed");
            eprintln!("skipped: PostgreSQL is not installed (apt-get install postgresql)");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("pg").tempdir_in("/tmp").unwrap();
        if is_root() {
            // The server refuses to run as root.
            let owned = Command::new("chown").arg("postgres").arg(folder.path()).status().unwrap();
            assert!(owned.success());
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { programs, folder, port };
        let data = server.data();
        server.run("initdb", &format!("-D {data} -U postgres -A trust -E UTF8 --no-locale --no-sync"));
        let options = format!("-p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off");
        server.run("pg_ctl", &format!("-D {data} -w -t 60 -l {data}/log -o '{options}' start"));
        Some(server)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_str().unwrap().to_string()
    }

    /// Makes a database and gives its URL.
    pub fn database(&self, name: &str) -> String {
        self.run("createdb", &format!("-h 127.0.0.1 -p {} -U postgres {name}", self.port));
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    fn run(&self, program: &str, arguments: &str) {
        let log = self.folder.path().join("said");
        let said = std::fs::File::create(&log).unwrap();
        let ended = self.command(program, arguments).stderr(said).status().unwrap();
        assert!(ended.success(), "{program} {arguments}: {}", std::fs::read_to_string(log).unwrap_or_default());
    }

    /// A program of the server's. The server must not hold the test's own output open.
    fn command(&self, program: &str, arguments: &str) -> Command {
        let line = format!("cd / && {} {arguments}", self.programs.join(program).display());
        let mut command = match is_root() {
            true => Command::new("su"),
            false => Command::new("sh"),
        };
        if is_root() {
            command.args(["postgres", "-s", "/bin/sh"]);
        }
        command.arg("-c").arg(line).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.data();
        let _ = self.command("pg_ctl", &format!("-D {data} -w -m immediate stop")).status();
    }
}

fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut places: Vec<PathBuf> = versions.map(|v| v.path().join("bin")).collect();
    places.sort();
    places.extend(["/usr/local/bin", "/usr/local/pgsql/bin"].map(PathBuf::from));
    let whole = |place: &PathBuf| ["initdb", "pg_ctl", "createdb"].iter().all(|p| place.join(p).exists());
    places.into_iter().rev().find(whole)
}

fn is_root() -> bool {
    Path::new("/proc/self").exists()
        && std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0
}

pub fn openers_at_once_migrate_once(server: &Server) {
    let url = server.database("together");
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_str().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| Store::open(&url, Some(folder)).unwrap().list_models(None).unwrap());
        }
    });
}
