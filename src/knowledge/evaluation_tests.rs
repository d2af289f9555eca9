use super::*;
use rstest::rstest;

#[rstest]
#[case(&["a"], &["a", "b"], 1.0, 1.0, 1.0, 1.0)]
#[case(&["a"], &["b", "a"], 0.0, 1.0, 1.0, 0.6309)]
#[case(&["a", "b"], &["a", "c", "c", "a", "b"], 1.0, 1.0, 1.0, 0.9197)]
#[case(&["a", "z"], &["a"], 1.0, 1.0, 0.5, 0.6131)]
#[case(&["z"], &["a", "b", "c", "d", "e", "z"], 0.0, 0.0, 0.0, 0.3562)]
#[case(&["z"], &[], 0.0, 0.0, 0.0, 0.0)]
fn measures_match_hand_reckoning(
    #[case] relevant: &[&str],
    #[case] ranking: &[&str],
    #[case] top_1: f64,
    #[case] hit_at_5: f64,
    #[case] recall_at_5: f64,
    #[case] ndcg_at_10: f64,
) {
    let relevant: HashSet<String> = relevant.iter().map(ToString::to_string).collect();
    let ranking: Vec<String> = ranking.iter().map(ToString::to_string).collect();
    let measured = metrics([(&relevant, ranking.as_slice())]);
    assert_eq!((measured.queries, measured.top_1, measured.hit_at_5), (1, top_1, hit_at_5));
    assert!((measured.recall_at_5 - recall_at_5).abs() < 1e-4, "{measured:?}");
    assert!((measured.ndcg_at_10 - ndcg_at_10).abs() < 1e-4, "{measured:?}");
}

#[test]
fn faulty_files_say_where() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("q.jsonl"), "{\"_id\":\"1\",\"text\":\"a\"}\n{\"_id\":\"2\",\"text\":\"b\"}\n").unwrap();
    fs::write(path("r.tsv"), "query-id\tcorpus-id\tscore\n1\td\t1\n2\td\t0\n").unwrap();
    let queries = read_queries(&path("q.jsonl"), &path("r.tsv")).unwrap();
    assert_eq!(queries.len(), 1, "a judgement of 0 is not relevant");
    fs::write(path("r.tsv"), "query-id\tcorpus-id\tscore\n1\td\n").unwrap();
    let error = read_queries(&path("q.jsonl"), &path("r.tsv")).unwrap_err().to_string();
    assert!(error.ends_with("r.tsv, line 2: it does not have three columns"), "{error}");
}
