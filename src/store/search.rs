//! Finding tickets and customers by words, over three full-text indexes that the database keeps.

use super::{
    inbox,
    values::{count, from_json, id},
};
use crate::domain::ids::{CustomerId, TicketId};
use crate::ports::{
    console::{CustomerHit, SearchHit},
    store::StoreError,
};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// So many of the newest messages, tickets and customers with the words are looked at.
const CANDIDATES: i64 = 200;

/// The words as a query: each as it stands, the last perhaps unfinished. Nothing of what was typed is query syntax.
fn match_expression(words: &[String]) -> Option<String> {
    let mut quoted: Vec<String> = words
        .iter()
        .map(|word| word.replace(['"', '\0'], " "))
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| format!("\"{}\"", word.trim()))
        .collect();
    if let Some(last) = quoted.last_mut() {
        last.push('*');
    }
    (!quoted.is_empty()).then(|| quoted.join(" "))
}

/// Tickets that hold the words, newest first.
pub(super) fn tickets(
    connection: &Connection,
    words: &[String],
    limit: usize,
    now: Timestamp,
) -> Result<Vec<SearchHit>, StoreError> {
    let Some(expression) = match_expression(words) else { return Ok(Vec::new()) };
    let searches = [
        (
            "subject",
            "SELECT ticket_id, snippet(subject_words, 0, char(2), char(3), '…', 16) AS snippet
             FROM subject_words JOIN found_subjects ON found_subjects.id = subject_words.rowid
             WHERE subject_words MATCH ?1 ORDER BY subject_words.rowid DESC LIMIT ?2",
        ),
        (
            "customer",
            "SELECT tickets.id AS ticket_id, snippet(customer_words, 0, char(2), char(3), '…', 16) AS snippet
             FROM customer_words JOIN found_customers ON found_customers.id = customer_words.rowid
             JOIN tickets ON tickets.customer_id = found_customers.customer_id
             WHERE customer_words MATCH ?1 ORDER BY customer_words.rowid DESC LIMIT ?2",
        ),
        (
            "message",
            "SELECT ticket_id, snippet(message_words, 0, char(2), char(3), '…', 16) AS snippet
             FROM message_words JOIN messages ON messages.sequence = message_words.rowid
             WHERE message_words MATCH ?1 ORDER BY message_words.rowid DESC LIMIT ?2",
        ),
    ];
    let mut found: HashMap<TicketId, (&'static str, String)> = HashMap::new();
    for (matched, sql) in searches {
        let mut statement = connection.prepare_cached(sql)?;
        let hits = statement.query_map(params![expression, CANDIDATES], |row| {
            Ok((TicketId(id(row, "ticket_id")?), row.get::<_, String>("snippet")?))
        })?;
        for hit in hits {
            let (ticket, snippet) = hit?;
            found.entry(ticket).or_insert((matched, snippet));
        }
    }
    let rows = inbox::rows(connection, found.keys().copied(), now)?;
    let mut hits: Vec<SearchHit> = rows
        .into_iter()
        .filter_map(|row| {
            let ticket = TicketId(uuid::Uuid::from_bytes(row.position.id));
            let (matched, snippet) = found.remove(&ticket)?;
            Some(SearchHit { conversation: row, matched, snippet })
        })
        .collect();
    hits.sort_by_key(|hit| std::cmp::Reverse((hit.conversation.position.at, hit.conversation.position.id)));
    hits.truncate(limit);
    Ok(hits)
}

/// Customers whose name or address begins with the words; all, newest first, when nothing is asked.
pub(super) fn customers(
    connection: &Connection,
    words: &[String],
    limit: usize,
) -> Result<Vec<CustomerHit>, StoreError> {
    let expression = match_expression(words);
    let chosen = if expression.is_some() {
        "SELECT found_customers.customer_id FROM customer_words
         JOIN found_customers ON found_customers.id = customer_words.rowid
         WHERE customer_words MATCH ?1 ORDER BY customer_words.rowid DESC LIMIT ?2"
    } else {
        "SELECT customer_id FROM found_customers WHERE ?1 IS NULL ORDER BY id DESC LIMIT ?2"
    };
    let sql = format!(
        "SELECT customers.id, customers.name,
                (SELECT json_group_array(json_object('kind', kind, 'value', value,
                        'verified', json(CASE WHEN verified THEN 'true' ELSE 'false' END)))
                 FROM identifiers WHERE customer_id = customers.id) AS identifiers,
                (SELECT count(*) FROM tickets WHERE customer_id = customers.id) AS tickets
         FROM customers WHERE id IN ({chosen}) AND merged_into IS NULL ORDER BY last_contact_at DESC"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![expression, limit], |row| {
        Ok(CustomerHit {
            id: CustomerId(id(row, "id")?),
            name: row.get("name")?,
            identifiers: from_json(row, "identifiers")?,
            tickets: count(row, "tickets")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::match_expression;
    use rstest::rstest;

    #[rstest]
    #[case(&["export", "da"], Some(r#""export" "da"*"#))]
    #[case(&[r#"x" OR "y"#], Some(r#""x  OR  y"*"#))]
    #[case(&["NEAR(", "*"], Some(r#""NEAR("*"#))]
    #[case(&["--", "\""], None)]
    #[case(&[], None)]
    fn what_is_typed_is_words_and_no_syntax(#[case] words: &[&str], #[case] expected: Option<&str>) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(match_expression(&words).as_deref(), expected);
    }
}
