//! scratch
use similitude::{Measure, Representation};
fn read(path: &str) -> Representation<'static> {
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<Vec<f64>> = text.lines().map(|l| l.split(',').map(|f| f.trim().parse().unwrap()).collect()).collect();
    Representation::from_row_major(path.to_string(), rows.len(), rows[0].len(), rows.concat()).unwrap()
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let (x, y) = (read(&a[1]), read(&a[2]));
    for m in &a[3..] {
        let measure = Measure::parse(m).unwrap();
        let s = measure.compare(&x, &y);
        let r = measure.reference(&x, &y);
        match s {
            Ok(s) => println!("{m}\t{:?}\t{:?}\t{:?}", s.value, s.diagnostics.get("error_bound").unwrap(), r),
            Err(e) => println!("{m}\tERR {e}\t\t{r:?}"),
        }
    }
}
