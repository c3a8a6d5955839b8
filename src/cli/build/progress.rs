//! Owns the progress bar: how many are done, how fast, how long it will take. Only a terminal sees it.
//! Must not know what is done.

use crate::cli::{Terminal, console};
use docx_fill::diag::{Format, Lang};
use nianbao::text;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Width of the bar in characters.
const WIDTH: usize = 24;
/// How often it is drawn at most.
const PAUSE: Duration = Duration::from_millis(100);
/// The rate is that of the last seconds: what was unchanged at the beginning says nothing.
const MEMORY: Duration = Duration::from_secs(10);

/// The bar at the foot of the terminal.
pub(super) struct Progress {
    all: usize,
    done: usize,
    failed: usize,
    lang: Lang,
    shown: bool,
    drawn: Option<Instant>,
    /// When how many were done.
    past: VecDeque<(Instant, usize)>,
}

impl Progress {
    /// A bar for several reports, if a person looks on.
    #[expect(clippy::disallowed_methods, reason = "a bar moves with the clock")]
    pub(super) fn new(all: usize, terminal: &Terminal) -> Progress {
        let people = terminal.format == Format::Human && console::err_is_terminal();
        let past = VecDeque::from([(Instant::now(), 0)]);
        let lang = terminal.lang;
        Progress { all, done: 0, failed: 0, lang, shown: people && all > 1, drawn: None, past }
    }

    /// Whether the bar stands for the lines about single files.
    pub(super) fn replaces_lines(&self) -> bool {
        self.shown && console::out_is_terminal()
    }

    /// One more is done.
    pub(super) fn count(&mut self, failed: bool) {
        self.done += 1;
        self.failed += usize::from(failed);
    }

    /// Takes the bar away, so that something can be printed.
    pub(super) fn clear(&mut self) {
        if self.shown && self.drawn.take().is_some() {
            console::clear_line();
        }
    }

    /// Draws the bar, unless it was drawn a moment ago.
    pub(super) fn draw(&mut self) {
        #[expect(clippy::disallowed_methods, reason = "a bar moves with the clock")]
        let now = Instant::now();
        if !self.shown || self.drawn.is_some_and(|drawn| now - drawn < PAUSE) {
            return;
        }
        self.past.push_back((now, self.done));
        while self.past.len() > 2 && self.past.front().is_some_and(|(at, _)| now - *at > MEMORY) {
            self.past.pop_front();
        }
        let (since, before) = self.past.front().copied().unwrap_or((now, self.done));
        let line = line(self, (now - since).as_secs_f64(), self.done - before);
        console::redraw_line(&line);
        self.drawn = Some(now);
    }
}

/// The bar with its words, when `recent` were done in the last `seconds`.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shown to people"
)]
fn line(progress: &Progress, seconds: f64, recent: usize) -> String {
    let Progress { all, done, failed, lang, .. } = progress;
    let full = WIDTH * done / (*all).max(1);
    let bar = format!("{}{}", "█".repeat(full), "░".repeat(WIDTH - full));
    let rate = recent as f64 / seconds.max(0.001);
    let rest = match recent {
        0 => "–".to_owned(),
        _ => duration(((all - done) as f64 / rate).ceil() as u64),
    };
    let rate = if rate < 10.0 { format!("{rate:.1}") } else { format!("{rate:.0}") };
    let text =
        text!("batch.progress", bar = bar, done = *done, all = *all, rate = rate, rest = rest);
    let mut line = text.in_lang(*lang);
    if *failed > 0 {
        line += &text!("batch.progress-failed", count = *failed).in_lang(*lang);
    }
    line
}

/// Hours, minutes and seconds.
fn duration(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_long() {
        let past = VecDeque::new();
        let mut progress = Progress {
            all: 200,
            done: 50,
            failed: 0,
            lang: Lang::Zh,
            shown: true,
            drawn: None,
            past,
        };
        let text = line(&progress, 2.0, 20);
        assert_eq!(text, "██████░░░░░░░░░░░░░░░░░░ 50/200  10 份/秒  还剩 0:15");
        progress.failed = 3;
        assert!(line(&progress, 5.0, 0).ends_with("0.0 份/秒  还剩 –  未成 3"));
        progress.done = 200;
        assert!(line(&progress, 5.0, 10).contains("200/200  2.0 份/秒  还剩 0:00"));
        assert_eq!(duration(3_725), "1:02:05");
    }
}
