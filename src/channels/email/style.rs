//! Whether an inline style makes text invisible. No style engine: the declarations that mails are known to hide text with.

use crate::domain::text::constant_pattern;
use regex::Regex;
use std::{collections::HashSet, sync::LazyLock};

/// Colours nearer than this on each channel cannot be told apart.
const SAME_COLOUR: i32 = 24;
const WHITE: Colour = (255, 255, 255);

type Colour = (u8, u8, u8);

/// What an element looks like, as far as it decides on being seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    /// `None`: not set, so black.
    colour: Option<Colour>,
    background: Option<Colour>,
    invisible: bool,
}

impl Look {
    /// The look of an element inside, with its own style and the old colour attributes.
    pub fn with(self, style: &str, colour: Option<&str>, background: Option<&str>) -> Self {
        let mut look = Self { invisible: false, ..self };
        if let Some(colour) = colour.and_then(read_colour) {
            look.colour = Some(colour);
        }
        if let Some(background) = background.and_then(read_colour) {
            look.background = Some(background);
        }
        look.apply(&declarations(style));
        look
    }

    pub fn is_hidden(self) -> bool {
        let (text, ground) = (self.colour.unwrap_or_default(), self.background.unwrap_or(WHITE));
        let near = |a: u8, b: u8| (i32::from(a) - i32::from(b)).abs() < SAME_COLOUR;
        self.invisible || (near(text.0, ground.0) && near(text.1, ground.1) && near(text.2, ground.2))
    }

    fn apply(&mut self, declarations: &[(String, String)]) {
        let value = |name: &str| {
            declarations.iter().rev().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
        };
        if let Some(value) = value("color") {
            if is_transparent(value) {
                self.invisible = true;
            } else if let Some(colour) = read_colour(value) {
                self.colour = Some(colour);
            }
        }
        for name in ["background-color", "background"] {
            if let Some(ground) = value(name).and_then(|value| value.split_whitespace().find_map(read_colour)) {
                self.background = Some(ground);
            }
        }
        let number = |name: &str| value(name).and_then(leading_number);
        let clipped = value("overflow").is_some_and(|value| value.starts_with("hidden"));
        let flat = ["height", "max-height", "width", "max-width"];
        self.invisible |= value("display").is_some_and(|value| value == "none")
            || value("visibility").is_some_and(|value| value == "hidden" || value == "collapse")
            || value("mso-hide").is_some_and(|value| value == "all")
            || number("opacity").is_some_and(|value| value < 0.1)
            || number("font-size").is_some_and(|size| size <= 1.0 && !is_relative(value("font-size")))
            || value("font").is_some_and(|value| NO_FONT.is_match(value))
            || (clipped && flat.iter().any(|name| number(name).is_some_and(|size| size <= 1.0)))
            || number("text-indent").is_some_and(|value| value < -500.0)
            || ["left", "top", "margin-left", "margin-top"]
                .iter()
                .any(|name| number(name).is_some_and(|value| value < -500.0))
            || value("transform").is_some_and(|value| value.starts_with("scale(0)"))
            || value("clip").is_some_and(|value| value.starts_with("rect(0"));
    }
}

static NO_FONT: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"(^|\s)[01](\.0)?(px|pt)?(/|\s)"));
static COMMENT: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"(?s)/\*.*?(\*/|$)"));
static ESCAPE: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)"));
static STYLE_ELEMENT: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"(?is)<style[^>]*>(.*?)</style"));
static MEDIA: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"(?s)@[^{;]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}"));
static RULE: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"(?s)([^{}]+)\{([^{}]*)\}"));

/// Classes, and ids with `#` before them, that the mail's own style sheets hide, in small letters.
pub fn hidden_classes(html: &str) -> HashSet<String> {
    let mut hidden = HashSet::new();
    for sheet in STYLE_ELEMENT.captures_iter(html) {
        let sheet = MEDIA.replace_all(&sheet[1], "").into_owned();
        for rule in RULE.captures_iter(&sheet) {
            // The ground is unknown here, so colours do not count.
            let mut look = Look { background: Some((127, 127, 127)), ..Look::default() };
            look.apply(&declarations(&rule[2]));
            if !look.invisible {
                continue;
            }
            for selector in rule[1].split(',') {
                let last = selector.split_whitespace().next_back().unwrap_or_default().to_lowercase();
                if let Some((_, class)) = last.rsplit_once('.') {
                    hidden.insert(class.to_owned());
                } else if let Some((_, id)) = last.rsplit_once('#') {
                    hidden.insert(format!("#{id}"));
                }
            }
        }
    }
    hidden
}

/// Names and values in small letters, without comments, escapes and `!important`.
fn declarations(style: &str) -> Vec<(String, String)> {
    let plain = COMMENT.replace_all(style, "");
    let plain = ESCAPE.replace_all(&plain, |found: &regex::Captures<'_>| match found.get(1) {
        Some(code) => u32::from_str_radix(code.as_str(), 16)
            .ok()
            .and_then(char::from_u32)
            .map(String::from)
            .unwrap_or_default(),
        None => found[2].to_owned(),
    });
    let read = |declaration: &str| {
        let (name, value) = declaration.split_once(':')?;
        let value = value.to_lowercase().replace("!important", "").replace("! important", "");
        Some((name.trim().to_lowercase(), value.trim().to_owned()))
    };
    plain.split(';').filter_map(read).collect()
}

fn leading_number(value: &str) -> Option<f32> {
    let end = value.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(value.len());
    value[..end].parse().ok()
}

/// Sizes that grow with their surroundings: `1em` is no small print.
fn is_relative(value: Option<&str>) -> bool {
    let zero = value.and_then(leading_number).is_none_or(|number| number == 0.0);
    !zero && value.is_some_and(|value| value.ends_with("em") || value.ends_with('%') || value.ends_with("in"))
}

fn is_transparent(value: &str) -> bool {
    let alpha = value.strip_prefix("rgba(").or_else(|| value.strip_prefix("hsla("));
    let last = alpha.and_then(|inside| inside.trim_end_matches(')').rsplit([',', '/']).next());
    value == "transparent" || last.and_then(|last| leading_number(last.trim())).is_some_and(|alpha| alpha < 0.1)
}

fn read_colour(value: &str) -> Option<Colour> {
    let value = value.trim().to_lowercase();
    if let Some(hex) = value.strip_prefix('#') {
        return hex_colour(hex);
    }
    if let Some(inside) = value.strip_prefix("rgb(").or_else(|| value.strip_prefix("rgba(")) {
        let mut parts = inside.split([',', ' ', '/', ')']).filter(|part| !part.is_empty());
        let mut next = || {
            let part = parts.next()?;
            let number = leading_number(part)?;
            let of_255 = if part.ends_with('%') { number * 2.55 } else { number };
            Some(of_255.clamp(0.0, 255.0) as u8)
        };
        return Some((next()?, next()?, next()?));
    }
    if value.starts_with("hsl") {
        // Only how light it is matters here: white and black are what text hides in.
        let light = leading_number(value.split([',', ' ']).filter(|part| part.contains('%')).nth(1)?.trim())?;
        return (light >= 95.0 || light <= 3.0).then(|| if light >= 95.0 { WHITE } else { (0, 0, 0) });
    }
    named_colour(&value).or_else(|| {
        let bare = matches!(value.len(), 3 | 6) && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        if bare { hex_colour(&value) } else { None }
    })
}

fn hex_colour(hex: &str) -> Option<Colour> {
    let digit = |at: usize| u8::from_str_radix(hex.get(at..=at)?, 16).ok();
    let pair = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    match hex.len() {
        3 | 4 => Some((digit(0)? * 17, digit(1)? * 17, digit(2)? * 17)),
        6 | 8 => Some((pair(0)?, pair(1)?, pair(2)?)),
        _ => None,
    }
}

/// Named colours that are black, white or next to white, and the common dark grounds.
fn named_colour(name: &str) -> Option<Colour> {
    Some(match name {
        "white" | "snow" | "ivory" | "ghostwhite" | "floralwhite" | "mintcream" | "azure" | "aliceblue" | "seashell"
        | "honeydew" | "whitesmoke" => WHITE,
        "lavenderblush" | "oldlace" | "linen" | "lightyellow" | "lightcyan" | "cornsilk" => (250, 245, 235),
        "black" => (0, 0, 0),
        "red" => (255, 0, 0),
        "green" => (0, 128, 0),
        "blue" => (0, 0, 255),
        "navy" => (0, 0, 128),
        "gray" | "grey" => (128, 128, 128),
        "silver" => (192, 192, 192),
        "yellow" => (255, 255, 0),
        "orange" => (255, 165, 0),
        "maroon" => (128, 0, 0),
        "purple" => (128, 0, 128),
        "teal" => (0, 128, 128),
        _ => return None,
    })
}
