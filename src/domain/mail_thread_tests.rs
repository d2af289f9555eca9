//! Who may write into whose ticket.

use super::*;
use MailAuthentication::{Fail, None as Unknown, Pass};
use rstest::rstest;

fn named(link: Link, standing: Standing) -> Candidate {
    Candidate {
        ticket: TicketId::new(),
        reference: "TF-20261122-7QK2".to_owned(),
        link,
        standing,
        same_account: true,
        proven: false,
    }
}

fn of_a_proven_customer(link: Link, standing: Standing) -> Candidate {
    Candidate { proven: true, ..named(link, standing) }
}

fn of_another_account(link: Link, standing: Standing) -> Candidate {
    Candidate { same_account: false, ..named(link, standing) }
}

#[rstest]
#[case::the_customer_answers(named(Link::Signed, Standing::Customer), Pass, "joins")]
#[case::where_nobody_vouches(named(Link::Signed, Standing::Customer), Unknown, "joins")]
#[case::a_proven_customer_answers(of_a_proven_customer(Link::Signed, Standing::Customer), Pass, "joins")]
#[case::a_proven_customer_not_proven_now(of_a_proven_customer(Link::Signed, Standing::Customer), Unknown, "apart, held")]
#[case::a_forged_customer(named(Link::Signed, Standing::Customer), Fail, "apart, held")]
#[case::a_copied_person(named(Link::Signed, Standing::Copied), Pass, "joins, held")]
#[case::a_copied_person_not_proven(named(Link::Signed, Standing::Copied), Unknown, "apart, held")]
#[case::a_stranger(named(Link::Signed, Standing::Stranger), Pass, "apart, held")]
#[case::an_unproven_stranger(named(Link::Signed, Standing::Stranger), Unknown, "apart, held")]
#[case::the_customer_goes_on_by_a_plain_id(named(Link::Plain, Standing::Customer), Pass, "joins")]
#[case::a_plain_id_proves_nothing(named(Link::Plain, Standing::Customer), Unknown, "apart")]
#[case::a_forged_plain_id(named(Link::Plain, Standing::Customer), Fail, "apart")]
#[case::a_copied_person_by_a_plain_id(named(Link::Plain, Standing::Copied), Pass, "joins, held")]
#[case::a_stranger_by_a_plain_id(named(Link::Plain, Standing::Stranger), Pass, "apart")]
#[case::another_account(of_another_account(Link::Signed, Standing::Customer), Pass, "apart")]
fn a_mail_joins_only_where_its_writer_belongs(
    #[case] candidate: Candidate,
    #[case] authenticated: MailAuthentication,
    #[case] expected: &str,
) {
    let found = match place(&[candidate], authenticated, false) {
        Placement::Join { held: None, .. } => "joins",
        Placement::Join { held: Some(_), .. } => "joins, held",
        Placement::Apart { held: None } => "apart",
        Placement::Apart { held: Some(_) } => "apart, held",
    };
    assert_eq!(found, expected);
}

#[test]
fn the_first_ticket_that_fits_is_taken() {
    let (stranger, plain) = (named(Link::Signed, Standing::Stranger), named(Link::Plain, Standing::Customer));
    let expected = Placement::Join { ticket: plain.ticket, held: None };
    assert_eq!(place(&[stranger, plain], Pass, false), expected);
    assert_eq!(place(&[], Pass, false), Placement::Apart { held: None });
}

#[test]
fn a_machines_mail_is_kept_but_never_waits_for_a_person_for_its_place() {
    let stranger = named(Link::Signed, Standing::Stranger);
    assert_eq!(place(&[stranger], Unknown, true), Placement::Apart { held: None });
}
