//! Files that came with messages.

use super::{
    Store,
    values::{count, cut, id},
};
use crate::domain::{
    attachment::Attachment,
    ids::{AttachmentId, MessageId, TicketId},
};
use crate::ports::{
    attachments::{AttachmentFile, AttachmentView, Attachments, MailView},
    store::StoreError,
};
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
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

#[async_trait]
impl Attachments for Store {
    async fn attachments(&self, message: MessageId) -> Result<Vec<AttachmentView>, StoreError> {
        self.read(move |connection| {
            let sql = "SELECT id, name, media_type, byte_length, content_id FROM attachments
                       WHERE message_id = ?1 ORDER BY position";
            let found = connection
                .prepare_cached(sql)?
                .query_map([message.0.into_bytes()], view)?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(found)
        })
        .await
    }

    async fn attachment(&self, wanted: AttachmentId) -> Result<Option<AttachmentFile>, StoreError> {
        self.read(move |connection| {
            let sql = "SELECT attachments.*, messages.ticket_id FROM attachments
                       JOIN messages ON messages.id = attachments.message_id WHERE attachments.id = ?1";
            let read = |row: &Row<'_>| {
                Ok(AttachmentFile {
                    view: view(row)?,
                    message_id: MessageId(id(row, "message_id")?),
                    ticket_id: TicketId(id(row, "ticket_id")?),
                    content: row.get("content")?,
                })
            };
            Ok(connection.prepare_cached(sql)?.query_row([wanted.0.into_bytes()], read).optional()?)
        })
        .await
    }

    async fn mail(&self, message: MessageId) -> Result<Option<MailView>, StoreError> {
        self.read(move |connection| {
            let sql = "SELECT messages.html, messages.automatic_mail, messages.held, mail_headers.authenticated,
                              mail_headers.changed_subject
                       FROM messages JOIN mail_headers ON mail_headers.message_id = messages.id WHERE messages.id = ?1";
            let read = |row: &Row<'_>| {
                Ok(MailView {
                    html: row.get("html")?,
                    automatic_mail: row.get("automatic_mail")?,
                    held: row.get("held")?,
                    verified: row.get::<_, String>("authenticated")? == "pass",
                    changed_subject: row.get("changed_subject")?,
                })
            };
            Ok(connection.prepare_cached(sql)?.query_row([message.0.into_bytes()], read).optional()?)
        })
        .await
    }
}

fn view(row: &Row<'_>) -> rusqlite::Result<AttachmentView> {
    Ok(AttachmentView {
        id: AttachmentId(id(row, "id")?),
        name: row.get("name")?,
        media_type: row.get("media_type")?,
        byte_length: count(row, "byte_length")?,
        content_id: row.get("content_id")?,
    })
}
