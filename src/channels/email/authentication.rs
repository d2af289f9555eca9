//! Who vouches for a mail's sender: the `Authentication-Results` of our own server (RFC 8601), and nobody else's.

use crate::domain::inbound::MailAuthentication;

/// What the topmost result under the pinned name says of the From address's domain.
///
/// `Pass` takes DMARC, or DKIM by exactly that domain. Results under other names do not count, whoever wrote them; nor do those
/// further down under our own name, which the sender may have brought along. A server that does not strip such headers from what
/// comes in, or does not write its own on every mail, must not be pinned.
pub fn judge<'a>(
    results: impl Iterator<Item = &'a str>,
    authserv_id: Option<&str>,
    from_domain: &str,
) -> MailAuthentication {
    let Some(pinned) = authserv_id else { return MailAuthentication::None };
    let parsed = results.map(parse).find(|result| result.authserv_id.eq_ignore_ascii_case(pinned));
    let Some(result) = parsed else { return MailAuthentication::None };
    let same = |domain: &str| domain.eq_ignore_ascii_case(from_domain);
    let mut verdict = MailAuthentication::None;
    for method in &result.methods {
        let property = |name: &str| {
            method.properties.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
        };
        let about_from = property("header.from").is_none_or(|domain| same(after_at(domain)));
        match (method.name.as_str(), method.result.as_str()) {
            ("dmarc", "pass") if about_from => verdict = MailAuthentication::Pass,
            // What a server calls forged is, whatever else it found.
            ("dmarc", "fail") => return MailAuthentication::Fail,
            ("dkim", "pass") => {
                let signer = property("header.d").or_else(|| property("header.i").map(after_at));
                if signer.is_some_and(same) {
                    verdict = MailAuthentication::Pass;
                }
            }
            _ => {}
        }
    }
    verdict
}

fn after_at(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(_, domain)| domain)
}

#[derive(Debug, Default)]
struct Results {
    authserv_id: String,
    methods: Vec<Method>,
}

#[derive(Debug)]
struct Method {
    name: String,
    result: String,
    /// `ptype.property` and value, names in small letters.
    properties: Vec<(String, String)>,
}

/// Reads one header's value. What is not understood is left out: it proves nothing.
fn parse(value: &str) -> Results {
    let mut statements = statements(value).into_iter();
    // `authserv-id [version]`; a server that leaves its name out begins with a result, which is no name.
    let first = statements.next().unwrap_or_default();
    let authserv_id = match first.as_slice() {
        [name] => name.clone(),
        [name, version] if version.bytes().all(|byte| byte.is_ascii_digit()) => name.clone(),
        _ => String::new(),
    };
    let methods = statements.filter_map(|words| {
        let (name, result) = words.first()?.split_once('=')?;
        let name = name.split('/').next().unwrap_or_default().trim();
        let properties = words.iter().skip(1).filter_map(|word| {
            let (name, value) = word.split_once('=')?;
            Some((name.to_ascii_lowercase(), value.to_owned()))
        });
        Some(Method {
            name: name.to_ascii_lowercase(),
            result: result.to_ascii_lowercase(),
            properties: properties.collect(),
        })
    });
    Results { authserv_id, methods: methods.collect() }
}

/// The words of each statement, statements being parted by semicolons. Comments are dropped; what is quoted is one word and parts
/// nothing; blanks around `=` are dropped.
fn statements(value: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut word = String::new();
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    let mut glue = false;
    let end = |all: &mut Vec<Vec<String>>, word: &mut String| {
        if !word.is_empty()
            && let Some(last) = all.last_mut()
        {
            last.push(std::mem::take(word));
        }
    };
    for character in value.chars() {
        if escaped {
            escaped = false;
            if quoted {
                word.push(character);
            }
            continue;
        }
        match character {
            '\\' if depth > 0 || quoted => escaped = true,
            '"' if depth == 0 => quoted = !quoted,
            _ if quoted => word.push(character),
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            ';' => {
                end(&mut all, &mut word);
                all.push(Vec::new());
            }
            '=' => {
                if word.is_empty()
                    && let Some(before) = all.last_mut().and_then(Vec::pop)
                {
                    word = before;
                }
                word.push('=');
                glue = true;
                continue;
            }
            blank if blank.is_ascii_whitespace() => {
                if !glue {
                    end(&mut all, &mut word);
                }
                continue;
            }
            other => word.push(other),
        }
        glue = false;
    }
    end(&mut all, &mut word);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const OURS: &str = "mx.desk.example";

    #[rstest]
    #[case::dmarc(&["mx.desk.example; dmarc=pass header.from=example.org"], "pass")]
    #[case::version_and_folding(&["mx.desk.example 1;\r\n spf=pass smtp.mailfrom=x@example.org;\r\n\tdmarc=pass (p=NONE) header.from=example.org"], "pass")]
    #[case::capitals(&["MX.Desk.Example; DMARC=Pass Header.From=EXAMPLE.org"], "pass")]
    #[case::blanks(&["mx.desk.example; dmarc = pass header.from = example.org"], "pass")]
    #[case::dkim_of_the_domain(&["mx.desk.example; dkim=pass header.d=example.org header.s=a"], "pass")]
    #[case::dkim_identity(&["mx.desk.example; dkim=pass header.i=@example.org"], "pass")]
    #[case::dkim_of_another(&["mx.desk.example; dkim=pass header.d=mailer.example"], "none")]
    #[case::dkim_of_a_look_alike(&["mx.desk.example; dkim=pass header.d=example.org.evil.example"], "none")]
    #[case::dkim_of_a_part(&["mx.desk.example; dkim=pass header.d=mail.example.org"], "none")]
    #[case::spf_alone(&["mx.desk.example; spf=pass smtp.mailfrom=ana@example.org"], "none")]
    #[case::dmarc_fail(&["mx.desk.example; dkim=pass header.d=example.org; dmarc=fail header.from=example.org"], "fail")]
    #[case::dmarc_of_another(&["mx.desk.example; dmarc=pass header.from=evil.example"], "none")]
    #[case::nothing_checked(&["mx.desk.example; none"], "none")]
    #[case::another_server(&["mx.evil.example; dmarc=pass header.from=example.org"], "none")]
    #[case::longer_name(&["mx.desk.example.evil.example; dmarc=pass header.from=example.org"], "none")]
    #[case::name_in_a_comment(&["(mx.desk.example;) mx.evil.example; dmarc=pass header.from=example.org"], "none")]
    #[case::name_as_a_second_word(&["mx.evil.example mx.desk.example; dmarc=pass header.from=example.org"], "none")]
    #[case::no_name(&["dmarc=pass header.from=example.org"], "none")]
    #[case::result_in_a_comment(&["mx.desk.example; dmarc=none (dmarc=pass header.from=example.org); spf=none"], "none")]
    #[case::comment_in_a_comment(&["mx.desk.example; dmarc=none (a (b) ; dmarc=pass header.from=example.org)"], "none")]
    #[case::result_in_quotes(&["mx.desk.example; spf=none reason=\"x; dmarc=pass header.from=example.org\""], "none")]
    #[case::escaped_quote(&["mx.desk.example; spf=none reason=\"x\\\"; dmarc=pass header.from=example.org; \""], "none")]
    #[case::only_the_topmost_of_ours(&["mx.desk.example; dmarc=none", "mx.desk.example; dmarc=pass header.from=example.org"], "none")]
    #[case::ours_below_a_foreign_one(&["filter.example; dmarc=pass header.from=example.org", "mx.desk.example; dmarc=fail header.from=example.org"], "fail")]
    #[case::empty(&["", ";", "mx.desk.example"], "none")]
    fn only_our_own_server_is_believed(#[case] headers: &[&str], #[case] expected: &str) {
        assert_eq!(judge(headers.iter().copied(), Some(OURS), "example.org").as_str(), expected);
    }

    #[test]
    fn without_a_pinned_name_nobody_is_verified() {
        let headers = ["mx.desk.example; dmarc=pass header.from=example.org"];
        assert_eq!(judge(headers.into_iter(), None, "example.org"), MailAuthentication::None);
    }
}
