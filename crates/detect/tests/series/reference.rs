//! The method, minute by minute: slow, and as plain as it can be said. It is the twin of `detection-reference.py`, and
//! the product must say the same though it skips what is empty.

use detect::surprise::{surprise_above, surprise_below};

const WINDOWS: [usize; 5] = [1, 5, 15, 60, 360];
const NW: usize = 5;
const ROWS: usize = 2 * NW + 1;
const RING: usize = 1024;
const BINS: [f64; 10] = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0];
const UP_MEAN: [f64; 11] = [1.3, 1.4, 1.7, 2.1, 2.1, 1.4, 1.4, 1.45, 1.3, 1.0, 0.65];
const UP_SD: [f64; 11] = [0.85, 0.85, 0.9, 0.7, 0.45, 0.40, 0.27, 0.27, 0.27, 0.27, 0.2];
const DOWN_MEAN: [f64; 11] = [2.95, 2.95, 2.95, 2.95, 2.95, 2.95, 2.95, 2.95, 2.13, 1.33, 0.7];
const DOWN_SD: [f64; 11] = [1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 0.52, 0.36, 0.3];
const NONE: f64 = -99.0;
const LONG_AGO: i64 = -1_000_000_000;

/// A minute that has any rarity: which, how rare an increase (-99: none), how rare a decrease.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rare {
    pub(crate) minute: usize,
    pub(crate) increase: f64,
    pub(crate) decrease: f64,
}

/// Calls of each minute from a Monday 00:00 UTC, `None` where nothing is known → the rare minutes, and what was expected.
pub(crate) fn detect(counts: &[Option<u32>]) -> (Vec<Rare>, Vec<f64>) {
    let week_decay = 0.5f64.powf(10080.0 / 30240.0);
    let hour_decay = week_decay.powf(1.0 / 168.0);
    let (mut calls, mut minutes) = ([0.0; 168], [0.0; 168]);
    let (mut hour_calls, mut hour_minutes, mut all_calls, mut all_minutes) = (0.0, 0.0, 0.0, 0.0);
    let (mut level_calls, mut level_expected, mut level, mut usual) = (0.0, 0.0, 1.0, 0.0);
    let (mut clump_num, mut clump_den, mut clump) = ([0.0; NW], [0.0; NW], [6.0f64; NW]);
    let (mut block_calls, mut block_mean, mut block_len) = ([0.0; NW], [0.0; NW], [0usize; NW]);
    let (mut ring_y, mut ring_mu, mut ring_usual, mut ring_known) =
        ([0.0; RING], [0.0; RING], [0.0; RING], [false; RING]);
    let (mut since, mut gap_sum, mut gap_sq, mut gap_n) = (0.0, 0.0, 0.0, 0.0);
    let (mut last_call, mut gap_largest, mut gap_largest_at) = (None::<i64>, 1.0f64, 0i64);
    let (mut count, mut excess, mut decayed_at) = ([0.0; ROWS], [0.0f64; ROWS], [0i64; ROWS]);
    let (mut peak, mut last, mut open) = ([0.0f64; ROWS], [LONG_AGO; ROWS], [false; ROWS]);
    let (mut flagged, mut activity, mut adopting) = (LONG_AGO, 0.0, false);
    let (mut age, mut known_run, mut c15) = (0i64, 0usize, 6.0);
    let (mut found, mut expected) = (Vec::new(), Vec::new());

    for (t, counted) in counts.iter().enumerate() {
        let now = t as i64;
        if t >= 15 {
            let s = t - 15;
            let j = s % RING;
            if ring_known[j] {
                let (mut learned, mut half_life) = (ring_y[j], 720.0);
                if flagged >= s as i64 {
                    if adopting { half_life = 120.0 } else { learned = ring_mu[j] }
                }
                hour_calls += learned;
                hour_minutes += 1.0;
                let decay = 0.5f64.powf(1.0 / half_life);
                level_calls = level_calls * decay + learned;
                level_expected = level_expected * decay + ring_usual[j];
                for k in 0..NW {
                    block_calls[k] += learned;
                    block_mean[k] += ring_mu[j];
                    block_len[k] += 1;
                    if block_len[k] < WINDOWS[k] {
                        continue;
                    }
                    if age >= 1440 {
                        let d = 0.5f64.powf(WINDOWS[k] as f64 / 20160.0);
                        let e: f64 = block_calls[k] - block_mean[k];
                        clump_num[k] = d * clump_num[k] + e * e;
                        clump_den[k] = d * clump_den[k] + 0.5 * (block_calls[k] + block_mean[k]);
                        clump[k] = ((clump_num[k] + 30.0) / (clump_den[k] + 5.0)).max(1.0);
                    }
                    (block_calls[k], block_mean[k], block_len[k]) = (0.0, 0.0, 0);
                }
            }
            if s % 60 == 59 {
                let h = s / 60 % 168;
                all_calls = hour_decay * all_calls + hour_calls;
                all_minutes = hour_decay * all_minutes + hour_minutes;
                calls[h] = week_decay * calls[h] + hour_calls;
                minutes[h] = week_decay * minutes[h] + hour_minutes;
                (hour_calls, hour_minutes) = (0.0, 0.0);
            }
        }
        if t.is_multiple_of(60) {
            let h = t / 60 % 168;
            let days = if h / 24 >= 5 { 5..7 } else { 0..5 };
            c15 = clump[2];
            let mean = (all_calls + 0.3) / (all_minutes + 2880.0);
            let pooled_calls: f64 = days.clone().map(|d| calls[d * 24 + h % 24]).sum();
            let pooled_minutes: f64 = days.map(|d| minutes[d * 24 + h % 24]).sum();
            let pooled = (pooled_calls + 4.0 * c15) / (pooled_minutes + 4.0 * c15 / mean);
            usual = (calls[h] + 4.0 * c15) / (minutes[h] + 4.0 * c15 / pooled);
            level = (level_calls + 30.0 * c15) / (level_expected + 30.0 * c15);
        }
        let known = counted.is_some();
        let yt = f64::from(counted.unwrap_or(0));
        let mu = if known { level * usual } else { 0.0 };
        known_run = if known { known_run + 1 } else { 0 };
        expected.push(mu);
        let i = t % RING;
        (ring_y[i], ring_mu[i], ring_known[i]) = (yt, mu, known);
        ring_usual[i] = if known { usual } else { 0.0 };
        if !known {
            since = 0.0;
            last_call = None;
            continue;
        }
        age += 1;
        let (mut up, mut down) = (NONE, NONE);
        let uncertain = 1.0 / (0.3 + all_calls / c15) + 0.5 / (30.0 + level_expected / c15);
        since += mu;
        let sum =
            |ring: &[f64; RING], k: usize| -> f64 { (0..WINDOWS[k].min(t + 1)).map(|a| ring[(t - a) % RING]).sum() };
        let is_looked = t % 5 == 4;
        for row in 0..ROWS {
            let (x, v, scale): (f64, f64, f64);
            if row < NW {
                let k = row;
                if yt == 0.0 {
                    continue;
                }
                let (s, m) = (sum(&ring_y, k), sum(&ring_mu, k).max(1e-12));
                let clumps = m / clump[k];
                if s < 3.0 || s <= m || (WINDOWS[k] != 60 && clumps < 0.3) {
                    continue;
                }
                let variance = clump[k] * m + m * m * uncertain;
                if (s - m) * (s - m) <= 2.0 * variance {
                    continue;
                }
                let b = BINS.iter().filter(|&&edge| clumps >= edge).count();
                x = surprise_above(s as u64, m, variance);
                let z = ((s + 1.0) / (m + 1.0)).ln() / (0.35f64 * 0.35 + 1.0 / clumps.max(1.0)).sqrt();
                v = (z - UP_MEAN[b]) / UP_SD[b];
                scale = 0.7;
            } else if row < 2 * NW {
                let k = row - NW;
                if k == 0 || !is_looked || known_run < WINDOWS[k] {
                    continue;
                }
                let (s, m) = (sum(&ring_y, k), sum(&ring_mu, k));
                let worst = clump[..=k].iter().copied().fold(1.0, f64::max);
                let clumps = m / worst;
                let variance = worst * m + m * m * uncertain;
                if s >= m || clumps < 1.0 || (m - s) * (m - s) <= 2.0 * variance {
                    continue;
                }
                let b = BINS.iter().filter(|&&edge| clumps >= edge).count();
                x = surprise_below(s, m, variance);
                let z = ((m + 1.0) / (s + 1.0)).ln() / (0.30f64 * 0.30 + 1.0 / clumps.max(1.0)).sqrt();
                v = (z - DOWN_MEAN[b]) / DOWN_SD[b];
                scale = 1.2;
            } else {
                if yt > 0.0 {
                    if let Some(before) = last_call
                        && now - before > 3
                    {
                        let mut g: f64 = since;
                        if gap_n >= 8.0 {
                            let left = 0.5f64.powf((now - gap_largest_at) as f64 / 40320.0);
                            gap_largest = (gap_largest * left).max(g * gap_n / gap_sum).max(1.0);
                            gap_largest_at = now;
                            g = g.min(5.0 * gap_sum / gap_n);
                        }
                        gap_sum = 0.99 * gap_sum + g;
                        gap_sq = 0.99 * gap_sq + g * g;
                        gap_n = 0.99 * gap_n + 1.0;
                    }
                    since = 0.0;
                    last_call = Some(now);
                    continue;
                }
                if !is_looked || gap_n < 8.0 || last_call.is_none_or(|before| now - before <= 3) {
                    continue;
                }
                let mean_gap = gap_sum / gap_n;
                let var_gap = gap_sq / gap_n - mean_gap * mean_gap;
                let ratio: f64 = since / mean_gap;
                let shape = mean_gap * mean_gap / var_gap.max(0.02 * mean_gap * mean_gap) * gap_n / (gap_n + 8.0);
                if ratio < 1.2 * gap_largest || ratio < 2.0 || shape < 2.0 {
                    continue;
                }
                // Q(a, x) of the gamma function, by way of the lower tail with variance = mean.
                x = surprise_below(shape - 1.0, shape * ratio, shape * ratio);
                v = ratio.ln() / (1.0 / shape).sqrt().max(0.35) - 2.0;
                scale = 0.8;
            }
            if x < 2.0 {
                continue;
            }
            if open[row] && now - last[row] > 60 {
                let f = 0.5f64.powf((last[row] - decayed_at[row]) as f64 / 80640.0);
                count[row] *= f;
                excess[row] *= f;
                (decayed_at[row], open[row]) = (last[row], false);
                if peak[row] > 0.5 {
                    let most = 6.0 * (10.0 + excess[row]) / (10.0 + count[row]);
                    excess[row] += ((peak[row] - 0.5) / scale).min(most);
                    count[row] += 1.0;
                }
            }
            peak[row] = if open[row] { v.max(peak[row]) } else { v };
            (open[row], last[row]) = (true, now);
            if age < 2160 || v <= 0.5 {
                continue;
            }
            let rate = (count[row] + 0.05) / ((age as f64).min(80640.0 / 2f64.ln()) + 43200.0) * 43200.0;
            let tail = (10.0 + count[row]) * ((v - 0.5) / scale / (10.0 + excess[row])).ln_1p() / 10f64.ln();
            let young = ((10080 - age) as f64 / (10080 - 2160) as f64).max(0.0);
            let r = (tail - rate.log10()).min(x - 4.0) - young;
            if row < NW { up = r.max(up) } else { down = r.max(down) }
        }
        let r = up.max(down);
        if r >= 0.5 {
            flagged = now;
        }
        activity = activity * (1.0 - 1.0 / 1440.0) + if now - flagged <= 60 { 1.0 } else { 0.0 };
        if activity >= 720.0 {
            adopting = true;
        } else if activity < 216.0 {
            adopting = false;
        }
        if r > -4.0 {
            found.push(Rare { minute: t, increase: up, decrease: down });
        }
    }
    (found, expected)
}
