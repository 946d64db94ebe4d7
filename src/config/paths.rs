use std::path::PathBuf;

/// Where poppet's files lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The configuration: `config.toml`.
    pub config: PathBuf,
    /// The folder of the data.
    pub data_dir: PathBuf,
    /// The folder of the log.
    pub state_dir: PathBuf,
}

/// There is no home folder, and nothing else says where the files lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no home folder: set HOME, or use --config FILE and --data-dir DIR")]
pub struct PathsError;

impl Paths {
    /// The usual places, and what takes their place: `--config` (`POPPET_CONFIG`) and `--data-dir` (`POPPET_DATA_DIR`).
    ///
    /// Linux and the like: `$XDG_CONFIG_HOME/poppet/config.toml`, `$XDG_DATA_HOME/poppet`, `$XDG_STATE_HOME/poppet`.
    /// macOS: `~/Library/Application Support/poppet`, and `~/Library/Logs/poppet` for the log. Windows:
    /// `%APPDATA%\poppet` for the configuration, `%LOCALAPPDATA%\poppet` for the rest. A data folder that was named
    /// holds the log as well: it is a world of its own.
    pub fn new(config: Option<PathBuf>, data_dir: Option<PathBuf>) -> Result<Self, PathsError> {
        if let (Some(config), Some(data_dir)) = (&config, &data_dir) {
            return Ok(Self {
                config: config.clone(),
                state_dir: data_dir.clone(),
                data_dir: data_dir.clone(),
            });
        }
        Ok(usual()?.with(config, data_dir))
    }

    /// The store: `mail.db`.
    pub fn store(&self) -> PathBuf {
        self.data_dir.join("mail.db")
    }

    /// The log: `poppet.log`.
    pub fn log(&self) -> PathBuf {
        self.state_dir.join("poppet.log")
    }

    fn with(self, config: Option<PathBuf>, data_dir: Option<PathBuf>) -> Self {
        Self {
            config: config.unwrap_or(self.config),
            state_dir: data_dir.clone().unwrap_or(self.state_dir),
            data_dir: data_dir.unwrap_or(self.data_dir),
        }
    }
}

#[cfg(not(any(target_os = "macos", windows)))]
fn usual() -> Result<Paths, PathsError> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::base_strategy::Xdg::new().map_err(|_| PathsError)?;
    Ok(Paths {
        config: base.config_dir().join("poppet").join("config.toml"),
        data_dir: base.data_dir().join("poppet"),
        state_dir: base
            .state_dir()
            .unwrap_or_else(|| base.data_dir())
            .join("poppet"),
    })
}

#[cfg(target_os = "macos")]
fn usual() -> Result<Paths, PathsError> {
    let library = etcetera::home_dir()
        .map_err(|_| PathsError)?
        .join("Library");
    let support = library.join("Application Support").join("poppet");
    Ok(Paths {
        config: support.join("config.toml"),
        data_dir: support,
        state_dir: library.join("Logs").join("poppet"),
    })
}

#[cfg(windows)]
fn usual() -> Result<Paths, PathsError> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::base_strategy::Windows::new().map_err(|_| PathsError)?;
    // What etcetera calls the cache folder is the root of the local, not roaming, application data.
    let local = base.cache_dir().join("poppet");
    Ok(Paths {
        config: base.config_dir().join("poppet").join("config.toml"),
        data_dir: local.clone(),
        state_dir: local,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual_places() -> Paths {
        Paths {
            config: "c/config.toml".into(),
            data_dir: "d".into(),
            state_dir: "s".into(),
        }
    }

    #[test]
    fn the_store_and_the_log_lie_in_their_folders() {
        assert_eq!(usual_places().store(), PathBuf::from("d/mail.db"));
        assert_eq!(usual_places().log(), PathBuf::from("s/poppet.log"));
    }

    #[test]
    fn a_named_configuration_moves_nothing_else() {
        let paths = usual_places().with(Some("x.toml".into()), None);
        assert_eq!(paths.config, PathBuf::from("x.toml"));
        assert_eq!(
            (paths.store(), paths.log()),
            ("d/mail.db".into(), "s/poppet.log".into())
        );
    }

    #[test]
    fn a_named_data_folder_holds_the_log_as_well() {
        let paths = usual_places().with(None, Some("w".into()));
        assert_eq!(paths.config, PathBuf::from("c/config.toml"));
        assert_eq!(
            (paths.store(), paths.log()),
            ("w/mail.db".into(), "w/poppet.log".into())
        );
    }

    #[test]
    fn with_both_named_no_home_is_needed() {
        let paths = Paths::new(Some("x.toml".into()), Some("w".into()));
        assert_eq!(
            paths,
            Ok(Paths {
                config: "x.toml".into(),
                data_dir: "w".into(),
                state_dir: "w".into(),
            })
        );
    }
}
