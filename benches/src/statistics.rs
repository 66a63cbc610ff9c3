//! Quartiles, and ratios within rounds.

use serde::Serialize;

/// The value in the middle, and those between which the middle half of all lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quartiles {
    /// A quarter is below it.
    pub low: f64,
    /// Half is below it.
    pub median: f64,
    /// Three quarters are below it.
    pub high: f64,
}

impl Quartiles {
    /// The quartiles of some values; none of no values. Between two values a quartile lies where its share says.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<_> = values.into_iter().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let at = |quarter: usize| {
            let (whole, rest) = (last * quarter / 4, last * quarter % 4);
            let next = sorted[(whole + 1).min(last)];
            let share = [0.0, 0.25, 0.5, 0.75][rest];
            sorted[whole] + (next - sorted[whole]) * share
        };
        Some(Self { low: at(1), median: at(2), high: at(3) })
    }
}

/// How many times the second's value the first's is, in each round that has both.
///
/// A machine's mood changes from round to round, and is the same for both within one.
pub fn ratios<'a>(of: &'a [(u32, f64)], to: &'a [(u32, f64)]) -> impl Iterator<Item = f64> + 'a {
    of.iter().filter_map(|(round, value)| {
        let (_, other) = to.iter().find(|(other, _)| other == round)?;
        Some(value / other)
    })
}

/// Who comes when in a round: each begins with another one, and every other round goes backwards, so that nobody always
/// follows the same one.
pub fn order(round: u32, count: usize) -> Vec<usize> {
    let mut order: Vec<_> = (0..count).collect();
    if count > 0 {
        order.rotate_left(round as usize % count);
    }
    if round % 2 == 1 {
        order.reverse();
    }
    order
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the values are chosen so that nothing is rounded")]
mod tests {
    use super::*;

    fn quartiles(values: &[f64]) -> [f64; 3] {
        let Quartiles { low, median, high } = Quartiles::of(values.iter().copied()).expect("there are values");
        [low, median, high]
    }

    #[test]
    fn quartiles_lie_on_values_or_between_them() {
        assert_eq!(quartiles(&[5.0, 1.0, 3.0, 2.0, 4.0]), [2.0, 3.0, 4.0]);
        assert_eq!(quartiles(&[1.0, 2.0, 3.0, 4.0]), [1.75, 2.5, 3.25]);
        assert_eq!(quartiles(&[7.0]), [7.0, 7.0, 7.0]);
        assert_eq!(Quartiles::of([]), None);
    }

    #[test]
    fn ratios_are_taken_within_rounds() {
        let of = [(0, 2.0), (1, 30.0), (2, 5.0)];
        let to = [(1, 10.0), (0, 1.0)];
        assert_eq!(ratios(&of, &to).collect::<Vec<_>>(), [2.0, 3.0]);
    }

    #[test]
    fn everybody_comes_once_in_a_round_and_somebody_else_first() {
        assert_eq!(order(0, 3), [0, 1, 2]);
        assert_eq!(order(1, 3), [0, 2, 1]);
        assert_eq!(order(2, 3), [2, 0, 1]);
        assert!(order(5, 0).is_empty());
    }
}
