//! The ledger of what left: complete, in order, and not to be rewritten unseen.

use super::*;
use crate::ports::egress::{ChainState, Departure, EgressLedger, EgressReports, LedgerFilter, Purpose};
use rstest::rstest;

fn departure(destination: &str) -> Departure {
    Departure {
        purpose: Purpose::HostedModel,
        destination: destination.to_owned(),
        ticket: None,
        byte_count: 120,
        sha256: [7; 32],
    }
}

async fn filled(kind: Kind) -> Fixture {
    let store = open(kind);
    for destination in ["a.example:443", "b.example:443", "c.example:443"] {
        store.record(departure(destination)).await.expect("recorded");
    }
    store
}

#[rstest]
#[tokio::test]
async fn what_left_is_read_back_in_order(#[values(Kind::Memory, Kind::File)] kind: Kind) {
    let store = filled(kind).await;
    let all = store.entries(LedgerFilter::default(), 10).await.expect("read");
    let seen: Vec<_> = all.iter().map(|entry| (entry.number, entry.destination.as_str())).collect();
    assert_eq!(seen, [(1, "a.example:443"), (2, "b.example:443"), (3, "c.example:443")]);
    let later = LedgerFilter { after: Some(2), ..LedgerFilter::default() };
    assert_eq!(store.entries(later, 10).await.expect("read").len(), 1);
    let other = LedgerFilter { purpose: Some("mail".to_owned()), ..LedgerFilter::default() };
    assert!(store.entries(other, 10).await.expect("read").is_empty());
    assert_eq!(store.verify_chain().await.expect("read"), ChainState::Whole { rows: 3 });
}

#[rstest]
#[case::changed("UPDATE egress_ledger SET destination = 'elsewhere:1' WHERE id = 2", 2)]
#[case::smaller("UPDATE egress_ledger SET byte_count = 1 WHERE id = 3", 3)]
#[case::removed("DELETE FROM egress_ledger WHERE id = 2", 2)]
#[case::first_removed("DELETE FROM egress_ledger WHERE id = 1", 1)]
#[tokio::test]
async fn a_row_that_was_tampered_with_shows(#[case] sql: &'static str, #[case] number: i64) {
    let store = filled(Kind::File).await;
    let refused = store.write(move |connection| Ok(connection.execute_batch(sql)?)).await;
    assert!(refused.is_err(), "the table refuses it");
    store.execute("DROP TRIGGER egress_ledger_is_final; DROP TRIGGER egress_ledger_stays;").await;
    store.execute(sql).await;
    assert_eq!(store.verify_chain().await.expect("read"), ChainState::BrokenAt { number });
}
