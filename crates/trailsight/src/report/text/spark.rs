//! A timeline in one line of a terminal.

use record::insight::Timeline;
use record::time::Minute;

/// A timeline as a row of blocks, cut where the insight starts and ends.
pub(super) struct Spark {
    pub(super) before: String,
    pub(super) during: String,
    after: Option<String>,
    pub(super) minutes_a_mark: i32,
    pub(super) most: u64,
}

impl Spark {
    pub(super) fn of(timeline: &Timeline, start: Minute, end: Option<Minute>, room: usize) -> Option<Spark> {
        let step = timeline.step.0.max(1);
        let steps_a_mark = timeline.calls.len().div_ceil(room.max(1)).max(1);
        let marks: Vec<u64> = timeline.calls.chunks(steps_a_mark).map(|calls| calls.iter().sum()).collect();
        let most = marks.iter().copied().max()?;
        let place = |minute: Minute| (minute - timeline.from).0.max(0) as usize / step as usize / steps_a_mark;
        let first = place(start).min(marks.len());
        // A mark that the insight only touches belongs to it.
        let last = end.map_or(marks.len(), |end| (place(Minute(end.0 - 1)) + 1).clamp(first, marks.len()));
        let draw = |marks: &[u64]| marks.iter().map(|calls| block(*calls, most)).collect::<String>();
        Some(Spark {
            before: draw(&marks[..first]),
            during: draw(&marks[first..last]),
            after: end.map(|_| draw(&marks[last..])),
            minutes_a_mark: steps_a_mark as i32 * step,
            most,
        })
    }

    pub(super) fn after_with_mark(&self) -> String {
        self.after.as_ref().map(|after| format!("]{after}")).unwrap_or_default()
    }
}

fn block(calls: u64, most: u64) -> char {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    if calls == 0 { '·' } else { BLOCKS[(calls * 8).div_ceil(most.max(1)).clamp(1, 8) as usize - 1] }
}
