//! Files that came with messages.

use super::values::cut;
use crate::domain::{
    attachment::Attachment,
    ids::{AttachmentId, MessageId},
};
use crate::ports::store::StoreError;
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

/// Keeps the files of a message in their order.
pub(super) fn insert(
    connection: &Connection,
    message: MessageId,
    attachments: &[Attachment],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO attachments
               (id, message_id, position, name, media_type, byte_length, sha256, content_id, content)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let mut statement = connection.prepare_cached(sql)?;
    for (position, attachment) in attachments.iter().enumerate() {
        let digest: [u8; 32] = Sha256::digest(&attachment.content).into();
        statement.execute(params![
            AttachmentId::new().0.into_bytes(),
            message.0.into_bytes(),
            position as i64,
            cut(&attachment.name, 255),
            attachment.media_type,
            attachment.content.len() as i64,
            digest,
            attachment.content_id,
            attachment.content
        ])?;
    }
    Ok(())
}
