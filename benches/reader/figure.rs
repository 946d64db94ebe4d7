//! Figures, what they must be, and how they are printed: a table for people, an object a line for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// What was measured.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    /// A short name without spaces.
    name: &'static str,
    /// What the samples are, in a few words.
    what: &'static str,
    unit: &'static str,
    /// In ascending order.
    samples: Vec<f64>,
    musts: Vec<Must>,
}

/// What a figure must be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Must {
    of: Of,
    bound: Bound,
}

#[derive(Clone, Copy, Debug)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// Which number of a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Of {
    Median,
    P95,
    P99,
    Max,
}

impl Figure {
    pub(crate) fn new(
        name: &'static str,
        what: &'static str,
        unit: &'static str,
        mut samples: Vec<f64>,
    ) -> Self {
        samples.sort_by(f64::total_cmp);
        Self {
            name,
            what,
            unit,
            samples,
            musts: Vec::new(),
        }
    }

    /// Says what the figure must be.
    pub(crate) fn at_most(mut self, of: Of, at_most: f64) -> Self {
        self.musts.push(Must {
            of,
            bound: Bound::AtMost(at_most),
        });
        self
    }

    /// The same for a figure that has to be high.
    pub(crate) fn at_least(mut self, of: Of, at_least: f64) -> Self {
        self.musts.push(Must {
            of,
            bound: Bound::AtLeast(at_least),
        });
        self
    }

    /// Whether it is what it must be; `None` for a baseline, which need not be anything.
    pub(crate) fn holds(&self) -> Option<bool> {
        if self.musts.is_empty() {
            return None;
        }
        let holds = |must: &Must| {
            let number = self.number(must.of);
            match must.bound {
                Bound::AtMost(bound) => number <= bound,
                Bound::AtLeast(bound) => number >= bound,
            }
        };
        Some(!self.samples.is_empty() && self.musts.iter().all(holds))
    }

    pub(crate) fn number(&self, of: Of) -> f64 {
        match of {
            Of::Median => self.quantile(0.5),
            Of::P95 => self.quantile(0.95),
            Of::P99 => self.quantile(0.99),
            Of::Max => self.quantile(1.0),
        }
    }

    /// The nearest rank: a number that was measured, never one between two.
    fn quantile(&self, part: f64) -> f64 {
        let rank = (part * self.samples.len() as f64).ceil() as usize;
        self.samples
            .get(rank.saturating_sub(1))
            .copied()
            .unwrap_or(f64::NAN)
    }

    fn requirement(&self) -> String {
        let one = |must: &Must| {
            let (sign, bound) = match must.bound {
                Bound::AtMost(bound) => ("<=", bound),
                Bound::AtLeast(bound) => (">=", bound),
            };
            format!("{} {sign} {bound}", must.of.word())
        };
        let all: Vec<String> = self.musts.iter().map(one).collect();
        all.join(", ")
    }

    fn json(&self) -> Value {
        json!({
            "figure": self.name,
            "what": self.what,
            "unit": self.unit,
            "samples": self.samples.len(),
            "least": rounded(self.quantile(0.0)),
            "p50": rounded(self.quantile(0.5)),
            "p95": rounded(self.quantile(0.95)),
            "p99": rounded(self.quantile(0.99)),
            "max": rounded(self.quantile(1.0)),
            "must": self.musts.iter().map(|must| match must.bound {
                Bound::AtMost(bound) => json!({ "of": must.of.word(), "at_most": bound }),
                Bound::AtLeast(bound) => json!({ "of": must.of.word(), "at_least": bound }),
            }).collect::<Vec<Value>>(),
            "holds": self.holds(),
        })
    }
}

impl Of {
    fn word(self) -> &'static str {
        match self {
            Self::Median => "p50",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Max => "max",
        }
    }
}

/// Prints all figures, first as a table, then as objects.
pub(crate) fn print(figures: &[Figure]) {
    let name = figures
        .iter()
        .map(|figure| figure.name.len())
        .max()
        .unwrap_or(0);
    let what = figures
        .iter()
        .map(|figure| figure.what.len())
        .max()
        .unwrap_or(0);
    println!(
        "\n| {:name$} | {:what$} | unit  |    n |     p50 |     p95 |     p99 |     max | must                  | holds |",
        "figure", "what"
    );
    println!(
        "|{:-<n$}|{:-<w$}|-------|------|---------|---------|---------|---------|-----------------------|-------|",
        "",
        "",
        n = name + 2,
        w = what + 2
    );
    for figure in figures {
        let mut numbers = String::new();
        for part in [0.5, 0.95, 0.99, 1.0] {
            let _ = write!(numbers, " {:>7} |", short(figure.quantile(part)));
        }
        println!(
            "| {:name$} | {:what$} | {:5} | {:>4} |{numbers} {:21} | {:5} |",
            figure.name,
            figure.what,
            figure.unit,
            figure.samples.len(),
            figure.requirement(),
            match figure.holds() {
                Some(true) => "yes",
                Some(false) => "NO",
                None => "",
            }
        );
    }
    println!();
    for figure in figures {
        println!("{}", figure.json());
    }
}

/// Ratios want two places, milliseconds one.
fn short(number: f64) -> String {
    if number.abs() < 10.0 {
        format!("{number:.2}")
    } else {
        format!("{number:.1}")
    }
}

pub(crate) fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
