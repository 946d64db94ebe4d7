//! `poppet password`: into the keyring and out of it.

use super::ask;
use super::context::{Context, known};
use super::exit::Exit;
use super::stop::Stop;
use crate::config::Password;
use crate::mail::{AccountId, Kind, Problem};

pub(super) async fn set(context: &Context, name: &AccountId) -> Result<Exit, Stop> {
    let config = context.accounts()?;
    let account = known(&config, name)?;
    let secret = if ask::somebody() {
        ask::password(&format!("Password for {name}: "))
            .await
            .ok_or_else(|| {
                Problem::new(
                    Kind::Login,
                    "No password was saved",
                    "none was given",
                    "Run it again and type one.",
                )
            })?
    } else {
        ask::line().await?
    };
    context.secrets.store(name, &secret).await?;
    context
        .out
        .remark(&format!("The password of {name} is in the keyring."))?;
    if account.pop3.password != Password::Keyring {
        context.out.remark(&format!(
            "It is used once the configuration says so: password = \"keyring\" under [accounts.{name}.pop3]."
        ))?;
    }
    Ok(Exit::Done)
}

pub(super) async fn clear(context: &Context, name: &AccountId) -> Result<Exit, Stop> {
    // An account that is gone from the configuration may still have a password.
    let had = context.secrets.clear(name).await?;
    if had {
        context
            .out
            .remark(&format!("The password of {name} is out of the keyring."))?;
        return Ok(Exit::Done);
    }
    if let Ok(config) = context.config() {
        known(&config, name)?;
    }
    context
        .out
        .remark(&format!("The keyring has no password of {name}."))?;
    Ok(Exit::No)
}
