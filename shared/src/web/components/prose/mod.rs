//! What people write at length: plain text with links and fenced code, as parts that a template escapes. Nothing
//! that is written becomes HTML.

use linkify::{LinkFinder, LinkKind};

use crate::text::{hides, turns_direction};

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Block {
    /// Words.
    Paragraph(Vec<Span>),
    /// Code, as it is: what would not show in it is named.
    Code(String),
}

/// A part of a paragraph.
#[derive(Debug, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Words(String),
    /// An address of the web.
    Link(String),
}

/// The parts of a text.
#[must_use]
pub fn blocks(text: &str) -> Vec<Block> {
    let (mut blocks, mut paragraph) = (Vec::new(), Vec::new());
    let mut code: Option<(usize, Vec<&str>)> = None;
    for line in text.split('\n') {
        let ticks = line.trim().chars().take_while(|it| *it == '`').count();
        code = match code.take() {
            Some((fence, lines)) if ticks >= fence && line.trim().len() == ticks => {
                push_code(&mut blocks, &lines);
                None
            }
            Some((fence, mut lines)) => {
                lines.push(line);
                Some((fence, lines))
            }
            None if ticks >= 3 => {
                push_paragraph(&mut blocks, &mut paragraph);
                Some((ticks, Vec::new()))
            }
            None if line.trim().is_empty() => {
                push_paragraph(&mut blocks, &mut paragraph);
                None
            }
            None => {
                paragraph.push(line);
                None
            }
        };
    }
    push_paragraph(&mut blocks, &mut paragraph);
    // A fence that nobody closed holds all the rest.
    if let Some((_, lines)) = code {
        push_code(&mut blocks, &lines);
    }
    blocks
}

fn push_code(blocks: &mut Vec<Block>, lines: &[&str]) {
    let named = |c: char| match c {
        c if turns_direction(c) || hides(c) => format!("⟨U+{:04X}⟩", u32::from(c)),
        c => c.to_string(),
    };
    blocks.push(Block::Code(lines.join("\n").chars().map(named).collect()));
}

fn push_paragraph(blocks: &mut Vec<Block>, lines: &mut Vec<&str>) {
    if !lines.is_empty() {
        blocks.push(Block::Paragraph(spans(&without_turns(&lines.join("\n")))));
        lines.clear();
    }
}

/// Marks of Arabic and Hebrew typing stay; what turns whole stretches around goes.
fn without_turns(text: &str) -> String {
    let is_mark = |c: char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}');
    text.chars().filter(|c| is_mark(*c) || !turns_direction(*c)).collect()
}

fn spans(text: &str) -> Vec<Span> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let is_web = |it: &str| it.starts_with("https://") || it.starts_with("http://");
    let spans = finder.spans(text).map(|span| match span.kind() {
        Some(_) if is_web(span.as_str()) => Span::Link(span.as_str().to_owned()),
        _ => Span::Words(span.as_str().to_owned()),
    });
    spans.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Span {
        Span::Words(text.to_owned())
    }

    #[test]
    fn paragraphs_links_and_code_are_told_apart() {
        let text =
            "See https://a.example/x?y=1, please.\nTwo\n\n```rust\nlet a = 1;\n\n<b>\n```\nafter";
        let link = Span::Link("https://a.example/x?y=1".to_owned());
        assert_eq!(
            blocks(text),
            [
                Block::Paragraph(vec![words("See "), link, words(", please.\nTwo")]),
                Block::Code("let a = 1;\n\n<b>".to_owned()),
                Block::Paragraph(vec![words("after")]),
            ]
        );
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        for text in ["javascript:alert(1)", "data:text/html,x", "ftp://a.example", "a@b.example"] {
            assert_eq!(blocks(text), [Block::Paragraph(vec![words(text)])], "{text}");
        }
    }

    #[test]
    fn an_open_fence_holds_the_rest_and_a_longer_one_holds_a_shorter_one() {
        assert_eq!(blocks("```\na"), [Block::Code("a".to_owned())]);
        assert_eq!(blocks("````\n```\n````"), [Block::Code("```".to_owned())]);
    }

    #[test]
    fn words_cannot_be_turned_around_and_code_names_what_does_not_show() {
        let turned = "a\u{202E}b\u{2069}\u{200F}c";
        assert_eq!(blocks(turned), [Block::Paragraph(vec![words("ab\u{200F}c")])]);
        let code = blocks("```\na\u{202E}b\u{200B}\n```");
        assert_eq!(code, [Block::Code("a⟨U+202E⟩b⟨U+200B⟩".to_owned())]);
    }
}
