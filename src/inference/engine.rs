//! Inner products of a matrix between examples with permuted ones: what a permutation costs.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};

use crate::arrays::product::slice;
use crate::arrays::sums::{dot, sum, vectorised};
use crate::prepared::{ExampleMatrix, InnerProduct, InnerProducts};

use super::error::Error;
use super::permutations::Drawer;
use super::stop::each;

/// Permutations that one thread takes at once: a row of the second matrix is fetched once for all
/// of them.
const BATCH: usize = 16;

/// A product of factors of r and s columns takes n r s multiply-adds, an inner product of entries
/// n^2 / 2 of them, each from anywhere in a row: about this many times slower (measured at n = 500
/// and 2000).
const GATHERED: usize = 6;

/// The values with the examples of Y in each of the drawn orders.
///
/// # Errors
/// [`Error::Stopped`].
pub(super) fn values(products: &InnerProducts, drawer: &Drawer) -> Result<Vec<f64>, Error> {
    let terms: Vec<Term<'_>> = products.terms().iter().map(Term::new).collect();
    let of_batch = |batch: usize| -> Result<Vec<f64>, Error> {
        let start = batch * BATCH;
        let permutations: Vec<Vec<u32>> = (start..drawer.count.min(start + BATCH)).map(|index| drawer.permutation(index)).collect();
        let sums: Vec<Vec<f64>> = terms.iter().map(|term| term.permuted(&permutations)).collect();
        Ok((0..permutations.len()).map(|index| products.value(sum(&sums.iter().map(|sums| sums[index]).collect::<Vec<_>>()))).collect())
    };
    Ok(each(drawer.count.div_ceil(BATCH), of_batch)?.concat())
}

/// One inner product with its matrices in the form that costs least.
struct Term<'a> {
    factor: f64,
    form: Form<'a>,
}

enum Form<'a> {
    /// F and G of F F' and G G', with as many rows as examples; G row-major.
    Factors(MatRef<'a, f64>, Mat<f64>),
    /// All entries of both.
    Entries(MatRef<'a, f64>, MatRef<'a, f64>),
}

impl<'a> Term<'a> {
    fn new(product: &'a InnerProduct) -> Self {
        let (x, y): (&ExampleMatrix, &ExampleMatrix) = (&product.x, &product.y);
        let form = match (x.factor(), y.factor()) {
            (Some(f), Some(g)) if f.ncols() * g.ncols() <= GATHERED * f.nrows() / 2 => Form::Factors(f, g.transpose().to_owned()),
            _ => Form::Entries(x.entries(), y.entries()),
        };
        Self { factor: product.factor, form }
    }

    /// factor * <A, P B P'> for each permutation.
    fn permuted(&self, permutations: &[Vec<u32>]) -> Vec<f64> {
        let inner = match &self.form {
            Form::Factors(f, g) => permutations.iter().map(|permutation| of_factors(*f, g.as_ref(), permutation)).collect(),
            Form::Entries(a, b) => of_entries(*a, *b, permutations),
        };
        inner.into_iter().map(|inner| self.factor * inner).collect()
    }
}

/// |F' P G|_F^2; G is given transposed, an example a column.
fn of_factors(f: MatRef<'_, f64>, g: MatRef<'_, f64>, permutation: &[u32]) -> f64 {
    let permuted = Mat::from_fn(g.nrows(), g.ncols(), |coordinate, row| g[(coordinate, permutation[row] as usize)]);
    let mut product = Mat::zeros(f.ncols(), g.nrows());
    matmul(product.as_mut(), Accum::Replace, f.transpose(), permuted.transpose(), 1.0, Par::Seq);
    sum(&(0..product.ncols()).map(|column| dot(product.col_as_slice(column), product.col_as_slice(column))).collect::<Vec<_>>())
}

/// A row of B that is looked up by 16-bit places: any place is within.
type Row = [f64; 1 << 16];

/// <A, P B P'> for each permutation: row after row of B, from which entries are taken for all of
/// them while it is in the nearest cache; those of A are read as they lie.
fn of_entries(a: MatRef<'_, f64>, b: MatRef<'_, f64>, permutations: &[Vec<u32>]) -> Vec<f64> {
    let n = a.nrows();
    let inverses: Vec<Vec<u32>> = permutations.iter().map(|permutation| inverse(permutation)).collect();
    let mut totals = vec![[0.0; 2]; permutations.len()];
    let mut add = |row: usize, taken: &dyn Fn(&[f64], usize) -> f64| {
        for (number, (inverse, [below, diagonal])) in inverses.iter().zip(&mut totals).enumerate() {
            let i = inverse[row] as usize;
            let (entries, own) = (&slice(a, i)[..i], a[(i, i)]);
            *below += taken(entries, number);
            *diagonal += own * b[(row, row)];
        }
    };
    if n <= 1 << 16 {
        let places: Vec<Vec<u16>> = permutations.iter().map(|places| places.iter().map(|place| *place as u16).collect()).collect();
        let mut room: Box<Row> = vec![0.0; 1 << 16].into_boxed_slice().try_into().expect("its length");
        for row in 0..n {
            room[..n].copy_from_slice(slice(b, row));
            add(row, &|entries, number| {
                let places = &places[number][..entries.len()];
                vectorised(
                    #[inline(always)]
                    || gathered(entries, places, |place| room[usize::from(place)]),
                )
            });
        }
    } else {
        for row in 0..n {
            let from = slice(b, row);
            add(row, &|entries, number| gathered(entries, &permutations[number][..entries.len()], |place| from[place as usize]));
        }
    }
    totals.into_iter().map(|[below, diagonal]| 2.0 * below + diagonal).collect()
}

/// Where each place of a permutation comes from.
fn inverse(permutation: &[u32]) -> Vec<u32> {
    let mut inverse = vec![0; permutation.len()];
    permutation.iter().enumerate().for_each(|(i, place)| inverse[*place as usize] = i as u32);
    inverse
}

/// The sum of entries[j] times what stands at places[j].
#[inline(always)]
fn gathered<P: Copy>(entries: &[f64], places: &[P], at: impl Fn(P) -> f64) -> f64 {
    let ((chunks, rest), (places, places_left)) = (entries.as_chunks::<8>(), places.as_chunks::<8>());
    let mut partial = [0.0; 8];
    for (entries, places) in chunks.iter().zip(places) {
        for lane in 0..8 {
            partial[lane] += entries[lane] * at(places[lane]);
        }
    }
    let rest: f64 = rest.iter().zip(places_left).map(|(entry, place)| entry * at(*place)).sum();
    let [a, b, c, d, e, f, g, h] = partial;
    ((a + e) + (c + g)) + ((b + f) + (d + h)) + rest
}
