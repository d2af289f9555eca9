//! Weighs signals together: a noisy-or within and across categories, with what speaks for an answer taken off.
//! Pure arithmetic over findings.

use super::{policy::Combining, rules::Finding};
use crate::domain::{
    customer::Plan,
    escalation::{EscalationAssessment, EscalationCategory, Signal, SignalClass, SignalSource, Urgency},
};

/// The class only "never" rules have is taken off at most down to what an unweakened "always" signal is worth.
pub fn assess(
    mut signals: Vec<Signal>,
    urgencies: &[(String, Urgency)],
    combining: &Combining,
    plan: Plan,
) -> EscalationAssessment {
    if plan == Plan::Enterprise {
        for signal in &mut signals {
            let boosted =
                matches!(signal.category, EscalationCategory::Technical | EscalationCategory::Account);
            if boosted && signal.class == SignalClass::Likely {
                signal.weight = (signal.weight * combining.enterprise).min(0.95);
            }
        }
    }
    signals.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()).then_with(|| a.name.cmp(&b.name)));
    let mut seen: Vec<EscalationCategory> = Vec::new();
    let mut sums: Vec<(EscalationCategory, f32)> = Vec::new();
    let (mut for_a_person, mut for_an_answer) = (0.0_f32, 0.0_f32);
    let mut binding = 0.0_f32;
    for signal in &signals {
        let strength = evidence(signal.weight.abs());
        if signal.class == SignalClass::Never {
            for_an_answer += strength;
            continue;
        }
        // The classifier has read the whole message: it repeats no rule, and no rule repeats it.
        let whole = signal.source == SignalSource::Exemplar;
        let repeats = !whole && seen.contains(&signal.category);
        let counted = if repeats { strength * combining.same_category } else { strength };
        if !whole {
            seen.push(signal.category);
        }
        for_a_person += counted;
        match sums.iter_mut().find(|(category, _)| *category == signal.category) {
            Some((_, sum)) => *sum += counted,
            None => sums.push((signal.category, counted)),
        }
        if signal.class == SignalClass::Always && signal.weight >= combining.threshold {
            binding = binding.max(strength);
        }
    }
    let combined = (for_a_person - for_an_answer).max(binding).max(0.0);
    let score = 1.0 - (-combined).exp();
    let category = category(&signals, &sums, combining);
    let urgency = urgency(&signals, urgencies, combining);
    EscalationAssessment { escalate: score >= combining.threshold, score, category, urgency, signals }
}

/// Noisy-or adds up `-ln(1 - weight)`.
fn evidence(weight: f32) -> f32 {
    -(1.0 - weight.clamp(0.0, 0.99)).ln()
}

/// Law and security before money before the rest when a binding signal names them; else the strongest sum.
fn category(
    signals: &[Signal],
    sums: &[(EscalationCategory, f32)],
    combining: &Combining,
) -> EscalationCategory {
    const FIRST: &[EscalationCategory] = &[
        EscalationCategory::Security,
        EscalationCategory::Legal,
        EscalationCategory::Billing,
        EscalationCategory::Account,
    ];
    let binding = |category: &EscalationCategory| {
        signals.iter().any(|s| {
            s.category == *category && s.class == SignalClass::Always && s.weight >= combining.threshold
        })
    };
    FIRST.iter().find(|category| binding(category)).copied().unwrap_or_else(|| {
        sums.iter()
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(EscalationCategory::General, |(category, _)| *category)
    })
}

/// The most pressing urgency of any signal that counts for something.
fn urgency(signals: &[Signal], urgencies: &[(String, Urgency)], combining: &Combining) -> Urgency {
    signals
        .iter()
        .filter(|signal| signal.class != SignalClass::Never && signal.weight >= combining.threshold * 0.5)
        .filter_map(|signal| {
            urgencies.iter().find(|(name, _)| *name == signal.name).map(|(_, urgency)| *urgency)
        })
        .min()
        .unwrap_or(Urgency::Normal)
}

/// A finding as a signal.
pub fn signal(finding: &Finding<'_>) -> Signal {
    let sign = if finding.rule.class == SignalClass::Never { -1.0 } else { 1.0 };
    Signal {
        name: finding.rule.name.clone(),
        category: finding.category,
        class: finding.rule.class,
        source: finding.rule.source,
        weight: sign * finding.weight,
        evidence: finding.evidence.clone(),
    }
}
