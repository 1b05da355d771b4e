//! `verification accuracy --search`: pairs on which errors come nearest to their bounds.

use std::path::Path;

use rand::{RngExt, SeedableRng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use similitude::laws::{Case, Family, Generator, Subject};
use similitude::{Measure, registry};

use super::error::{Error, read_json, write_json};
use super::inputs::{Input, drawn};
use super::judge::{Exact, exact, ratio};

/// Where searching starts, beyond what is drawn in any case.
const FIRST: u64 = 10_000;

/// Of how many of the nearest pairs of a convention variants are tried.
const NEAREST: usize = 4;

/// How many variants.
const VARIANTS: u64 = 100;

/// What a search found: searched.json.
#[derive(Serialize, Deserialize, Default)]
pub struct Searched {
    /// How many pairs were drawn of each family.
    pub drawn: u64,
    /// The nearest pair of each convention, each once.
    pairs: Vec<Place>,
}

/// A drawn pair, by what draws it again.
#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
struct Place {
    awkward: bool,
    seed: u64,
    /// Which of its variants; the pair itself is 0.
    variant: u64,
}

impl Place {
    /// The pair; of a variant, entries are moved by up to 2^-30 of themselves: the same pair to a
    /// measure, whose roundings are others.
    fn input(self) -> Input {
        let family = if self.awkward { Family::Awkward } else { Family::Plain };
        let mut input = drawn(&Case::random(family, &mut Generator::seed_from_u64(self.seed)));
        if self.variant > 0 {
            let mut generator = Generator::seed_from_u64(self.variant);
            for value in input.x.values.iter_mut().chain(&mut input.y.values) {
                *value += *value * (generator.random_range(-1.0..=1.0) / (1u64 << 30) as f64);
            }
            input.description += &format!(", variant {}", self.variant);
        }
        input
    }
}

impl Searched {
    /// What was found before; nothing where there was no search.
    pub fn read(file: &Path) -> Result<Self, Error> {
        if file.exists() { read_json(file) } else { Ok(Self::default()) }
    }

    /// The pairs that were found.
    pub fn inputs(&self) -> impl Iterator<Item = Input> + '_ {
        self.pairs.iter().map(|place| place.input())
    }
}

/// Draws `count` pairs of each family, then variants of the nearest ones, and writes down the one on
/// which each convention's error is the largest share of its bound.
pub fn run(file: &Path, count: u64) -> Result<(), Error> {
    let measures = registry::conventions();
    let seeds = [false, true].into_iter().flat_map(|awkward| (FIRST..FIRST + count).map(move |seed| Place { awkward, seed, variant: 0 }));
    let places: Vec<Place> = seeds.collect();
    let of_pair = |place: &Place| {
        let input = place.input();
        measures.iter().map(|measure| share(measure, &input)).collect::<Result<Vec<f64>, Error>>()
    };
    let shares: Vec<Vec<f64>> = places.par_iter().map(of_pair).collect::<Result<_, _>>()?;
    let mut pairs = Vec::new();
    for (index, measure) in measures.iter().enumerate() {
        let mut nearest: Vec<(f64, Place)> = shares.iter().map(|shares| shares[index]).zip(places.iter().copied()).collect();
        nearest.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        nearest.truncate(NEAREST);
        let variants: Vec<Place> =
            nearest.iter().flat_map(|(_, place)| (1..=VARIANTS).map(move |variant| Place { variant, ..*place })).collect();
        let of_variant = |place: &Place| Ok::<_, Error>((share(measure, &place.input())?, *place));
        nearest.extend(variants.par_iter().map(of_variant).collect::<Result<Vec<_>, _>>()?);
        // Of equal ones the first, which is no variant where one of these is not nearer.
        let Some((share, place)) = nearest.into_iter().reduce(|a, b| if b.0 > a.0 { b } else { a }) else { continue };
        if share > 0.0 {
            println!("{share:.3} {measure}: {}", place.input().description);
            pairs.push(place);
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    write_json(file, &Searched { drawn: count, pairs })
}

/// The share of its bound that the fast path's error is; nothing where one of both refuses.
fn share(measure: &Measure, input: &Input) -> Result<f64, Error> {
    let (x, y) = (input.x.representation("x")?, input.y.representation("y")?);
    let Ok(answer) = Subject::fast(measure).value(&x, &y) else { return Ok(0.0) };
    Ok(match exact(measure, &input.description, &input.x, &input.y)? {
        Exact::Value(enclosure) => ratio(enclosure.absolute_error(answer.value), answer.bound),
        Exact::Refused(_) | Exact::Undecidable => 0.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_is_the_same_pair_with_other_roundings() {
        for awkward in [false, true] {
            let place = |variant| Place { awkward, seed: FIRST, variant };
            let (pair, again, variant) = (place(0).input(), place(0).input(), place(7).input());
            assert_eq!((&pair.x.values, &pair.y.values), (&again.x.values, &again.y.values));
            assert_eq!(variant.description, format!("{}, variant 7", pair.description));
            let entries = pair.x.values.iter().chain(&pair.y.values).zip(variant.x.values.iter().chain(&variant.y.values));
            let moved: Vec<f64> = entries.map(|(a, b)| (a - b).abs() / a.abs().max(f64::MIN_POSITIVE)).collect();
            let largest = moved.iter().copied().fold(0.0, f64::max);
            assert!(largest > 2f64.powi(-33) && largest <= 2f64.powi(-30) * (1.0 + 1e-6), "{largest:e}");
        }
    }

    /// A search writes what a report then has among its pairs, each pair once.
    #[test]
    fn what_was_found_is_drawn_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("searched.json");
        assert_eq!(Searched::read(&file).unwrap().inputs().count(), 0);
        let places = [(false, 3), (true, 3), (true, 4)].map(|(awkward, seed)| Place { awkward, seed, variant: seed });
        write_json(&file, &Searched { drawn: 5, pairs: places.to_vec() }).unwrap();
        let read = Searched::read(&file).unwrap();
        assert_eq!(read.drawn, 5);
        for (input, place) in read.inputs().zip(places) {
            assert_eq!((input.x.values, input.description), (place.input().x.values, place.input().description));
        }
    }

    /// The share is the error over the bound, and nothing where there is no value.
    #[test]
    fn shares_are_of_the_bound() {
        let input = Place { awkward: false, seed: FIRST, variant: 0 }.input();
        let share_of = |text: &str| share(&Measure::parse(text).unwrap(), &input).unwrap();
        let nearest = share_of("cka");
        assert!(nearest > 0.0 && nearest < 1.0, "{nearest}");
        let constant = Input { x: similitude::laws::Matrix::from_fn(input.x.n, 2, |_, _| 1.0), ..input };
        assert_eq!(share(&Measure::parse("cka").unwrap(), &constant).unwrap(), 0.0);
    }
}
