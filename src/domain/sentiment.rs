//! How a customer feels, on a scale from -1 (furious) to 1 (delighted), and where it is going.

use super::ticket::text_enum;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

text_enum!(
    /// The score in words: negative up to -0.3, positive from 0.3.
    SentimentLabel { Negative => "negative", Neutral => "neutral", Positive => "positive" }
);
text_enum!(
    /// Where the mood of a conversation is going.
    SentimentTrend { Improving => "improving", Stable => "stable", Declining => "declining", Unknown => "unknown" }
);

/// The mood of one message.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Sentiment {
    /// -1..1.
    pub score: f32,
    /// How sure the reading is, 0..1.
    pub confidence: f32,
}

impl Sentiment {
    pub const NEUTRAL: Self = Self { score: 0.0, confidence: 0.0 };

    pub fn label(self) -> SentimentLabel {
        if self.score <= -0.3 {
            SentimentLabel::Negative
        } else if self.score >= 0.3 {
            SentimentLabel::Positive
        } else {
            SentimentLabel::Neutral
        }
    }
}

/// What a conversation's scores, oldest first, say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrendReading {
    pub trend: SentimentTrend,
    /// Three messages in a row below -0.2: the customer has had enough.
    pub three_negative_in_a_row: bool,
    /// A fall of 0.4 or more from the first message to the latest.
    pub sharp_drop: bool,
}

/// Reads the trend: compares the averages of the older and the newer half, a change under 0.2 being none.
pub fn read_trend(scores: &[f32]) -> TrendReading {
    let three_negative_in_a_row =
        scores.len() >= 3 && scores[scores.len() - 3..].iter().all(|score| *score < -0.2);
    let (Some(first), Some(latest)) = (scores.first(), scores.last()) else {
        return TrendReading { trend: SentimentTrend::Unknown, three_negative_in_a_row, sharp_drop: false };
    };
    let sharp_drop = scores.len() >= 2 && first - latest >= 0.4 - f32::EPSILON;
    let trend = if scores.len() < 2 {
        SentimentTrend::Unknown
    } else {
        let (older, newer) = scores.split_at(scores.len() / 2);
        let change = mean(newer) - mean(older);
        if change >= 0.2 {
            SentimentTrend::Improving
        } else if change <= -0.2 {
            SentimentTrend::Declining
        } else {
            SentimentTrend::Stable
        }
    };
    TrendReading { trend, three_negative_in_a_row, sharp_drop }
}

fn mean(scores: &[f32]) -> f32 {
    scores.iter().sum::<f32>() / scores.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(&[], SentimentTrend::Unknown, false, false)]
    #[case(&[-0.9], SentimentTrend::Unknown, false, false)]
    #[case(&[-0.9, -0.9, -0.9, -0.9, -0.9], SentimentTrend::Stable, true, false)]
    #[case(&[0.3, -0.1], SentimentTrend::Declining, false, true)]
    #[case(&[-0.5, 0.0, 0.4], SentimentTrend::Improving, false, false)]
    #[case(&[-0.3, -0.3, -0.2], SentimentTrend::Stable, false, false)]
    fn the_mood_is_followed(
        #[case] scores: &[f32],
        #[case] trend: SentimentTrend,
        #[case] three: bool,
        #[case] drop: bool,
    ) {
        let reading = read_trend(scores);
        assert_eq!(
            (reading.trend, reading.three_negative_in_a_row, reading.sharp_drop),
            (trend, three, drop)
        );
    }
}
