//! A file that came with a message.

/// The most files kept of one message.
pub const MAX_ATTACHMENTS: usize = 20;
/// The largest file kept, in bytes.
pub const MAX_ATTACHMENT_BYTES: usize = 15 * 1024 * 1024;

/// A file as a channel adapter hands it in, its limits checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// As the sender named it, without folders; at most 255 characters.
    pub name: String,
    /// What the bytes are (`image/png`), not what the sender said they were.
    pub media_type: String,
    /// The id by which the HTML of a mail names this picture.
    pub content_id: Option<String>,
    pub content: Vec<u8>,
}
