//! Owns the progress bar: number done, rate, remaining time. It is shown on terminals only.
//! Must not know the work.

use crate::cli::Terminal;
use crate::cli::output::console;
use docx_fill::diag::{DiagnosticFormat, Lang};
use nianbao::msg;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Width of the bar in characters.
const WIDTH: usize = 24;
/// Minimum time between two redraws.
const REDRAW_PAUSE: Duration = Duration::from_millis(100);
/// Period over which the rate is computed; unchanged reports at the beginning would distort it.
const RATE_WINDOW: Duration = Duration::from_secs(10);

/// A progress bar in the last line of the terminal.
pub(super) struct ProgressBar {
    total: usize,
    done: usize,
    failed: usize,
    lang: Lang,
    visible: bool,
    last_drawn: Option<Instant>,
    /// Times with the numbers done until then.
    history: VecDeque<(Instant, usize)>,
}

impl ProgressBar {
    /// Creates a bar for several reports, visible only on a terminal.
    #[expect(clippy::disallowed_methods, reason = "a bar moves with the clock")]
    pub(super) fn new(total: usize, terminal: &Terminal) -> ProgressBar {
        let people = terminal.format == DiagnosticFormat::Human && console::is_stderr_terminal();
        let history = VecDeque::from([(Instant::now(), 0)]);
        let lang = terminal.lang;
        ProgressBar {
            total,
            done: 0,
            failed: 0,
            lang,
            visible: people && total > 1,
            last_drawn: None,
            history,
        }
    }

    /// Checks whether the bar replaces the lines about single files.
    pub(super) fn replaces_lines(&self) -> bool {
        self.visible && console::is_stdout_terminal()
    }

    /// Counts one more as done.
    pub(super) fn count_done(&mut self, failed: bool) {
        self.done += 1;
        self.failed += usize::from(failed);
    }

    /// Removes the bar, so that something can be printed.
    pub(super) fn clear(&mut self) {
        if self.visible && self.last_drawn.take().is_some() {
            console::clear_line();
        }
    }

    /// Redraws the bar, unless it was drawn a moment ago.
    pub(super) fn redraw_if_due(&mut self) {
        #[expect(clippy::disallowed_methods, reason = "a bar moves with the clock")]
        let now = Instant::now();
        if !self.visible || self.last_drawn.is_some_and(|drawn| now - drawn < REDRAW_PAUSE) {
            return;
        }
        self.history.push_back((now, self.done));
        while self.history.len() > 2
            && self.history.front().is_some_and(|(at, _)| now - *at > RATE_WINDOW)
        {
            self.history.pop_front();
        }
        let (since, before) = self.history.front().copied().unwrap_or((now, self.done));
        let line = progress_line(self, (now - since).as_secs_f64(), self.done - before);
        console::redraw_line(&line);
        self.last_drawn = Some(now);
    }
}

/// Returns the bar with its text, given that `recent` were done in the last `seconds`.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shown to people"
)]
fn progress_line(progress: &ProgressBar, seconds: f64, recent: usize) -> String {
    let ProgressBar { total: all, done, failed, lang, .. } = progress;
    let full = WIDTH * done / (*all).max(1);
    let bar = format!("{}{}", "█".repeat(full), "░".repeat(WIDTH - full));
    let rate = recent as f64 / seconds.max(0.001);
    let rest = match recent {
        0 => "–".to_owned(),
        _ => format_duration(((all - done) as f64 / rate).ceil() as u64),
    };
    let rate = if rate < 10.0 { format!("{rate:.1}") } else { format!("{rate:.0}") };
    let text =
        msg!("batch.progress", bar = bar, done = *done, all = *all, rate = rate, rest = rest);
    let mut line = text.in_lang(*lang);
    if *failed > 0 {
        line += &msg!("batch.progress-failed", count = *failed).in_lang(*lang);
    }
    line
}

/// Returns a duration in hours, minutes and seconds.
fn format_duration(seconds: u64) -> String {
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
        let mut progress = ProgressBar {
            total: 200,
            done: 50,
            failed: 0,
            lang: Lang::Zh,
            visible: true,
            last_drawn: None,
            history: past,
        };
        let text = progress_line(&progress, 2.0, 20);
        assert_eq!(text, "██████░░░░░░░░░░░░░░░░░░ 50/200  10 份/秒  还剩 0:15");
        progress.failed = 3;
        assert!(progress_line(&progress, 5.0, 0).ends_with("0.0 份/秒  还剩 –  未成 3"));
        progress.done = 200;
        assert!(progress_line(&progress, 5.0, 10).contains("200/200  2.0 份/秒  还剩 0:00"));
        assert_eq!(format_duration(3_725), "1:02:05");
    }
}
