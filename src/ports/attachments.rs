//! Files that came with messages, for people to look at.

use super::store::StoreError;
use crate::domain::ids::{AttachmentId, MessageId, TicketId};
use async_trait::async_trait;

/// A file without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentView {
    pub id: AttachmentId,
    /// As the sender named it, without folders.
    pub name: String,
    /// What the bytes are, read from them. A server that hands it out still says `nosniff` and forces a download for all but
    /// PNG, JPEG, GIF and WebP: HTML and SVG are kept as what they are.
    pub media_type: String,
    pub byte_length: u64,
    /// By which the mail's HTML names this picture (`cid:…`).
    pub content_id: Option<String>,
}

/// A file with its bytes, and where it belongs, so that who asks can be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentFile {
    pub view: AttachmentView,
    pub message_id: MessageId,
    pub ticket_id: TicketId,
    pub content: Vec<u8>,
}

/// How a mail looks to an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailView {
    /// Sanitised; pictures stand as `cid:ID` (a file of this message) or `blocked:URL` (not fetched). To be shown in a sandboxed
    /// frame only.
    pub html: Option<String>,
    /// Why a machine is taken to have written it.
    pub automatic_mail: Option<String>,
    /// Why only a person may see to it.
    pub held: Option<String>,
    /// The domain of its From address vouches for it.
    pub verified: bool,
    /// Its subject, when that is another than its ticket's: perhaps another matter.
    pub changed_subject: Option<String>,
}

/// Reading what came with messages.
#[async_trait]
pub trait Attachments: Send + Sync {
    /// The files of a message in their order.
    async fn attachments(&self, message: MessageId) -> Result<Vec<AttachmentView>, StoreError>;
    async fn attachment(&self, id: AttachmentId) -> Result<Option<AttachmentFile>, StoreError>;
    /// What is particular to a mail; `None` for messages of other channels and for our own.
    async fn mail(&self, message: MessageId) -> Result<Option<MailView>, StoreError>;
}
