//! Where mails stand among others.

use super::values::json;
use crate::domain::{ids::MessageId, inbound::MailHeaders};
use crate::ports::store::StoreError;
use rusqlite::{Connection, params};

/// Keeps the headers of an accepted mail.
pub(super) fn insert(
    connection: &Connection,
    message: MessageId,
    mail: &MailHeaders,
    changed_subject: Option<&str>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO mail_headers
               (message_id, rfc_message_id, reference_chain, from_address, recipients, reply_to, authenticated,
                changed_subject)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    connection.prepare_cached(sql)?.execute(params![
        message.0.into_bytes(),
        mail.message_id,
        json(&mail.references)?,
        mail.from,
        json(&mail.recipients)?,
        mail.reply_to,
        mail.authenticated.as_str(),
        changed_subject
    ])?;
    Ok(())
}
