//! scratch
use similitude::laws::*;
fn main() {
    let case = Case {
        family: Family::Awkward,
        spare: 15,
        p1: 3,
        p2: 1,
        x: Kind::LowRank,
        y: Kind::Integer,
        relation: Relation::Coupled,
        scale_x: 0,
        scale_y: 0,
        seed: 2611673804,
    };
    let mut g = case.generator();
    let (x, y) = case.draw(2, &mut g);
    for (m, f) in [(&x.matrix, "/tmp/scratch/x.csv"), (&y.matrix, "/tmp/scratch/y.csv")] {
        let mut s = String::new();
        for i in 0..m.n {
            s += &(0..m.p).map(|j| format!("{:?}", m.at(i, j))).collect::<Vec<_>>().join(",");
            s += "\n";
        }
        std::fs::write(f, s).unwrap();
    }
    let r = |m: &Matrix| similitude::Representation::from_row_major("x", m.n, m.p, m.values.clone()).unwrap();
    for m in ["cca:summary=r2", "linear-regression:direction=y-from-x"] {
        let m = similitude::Measure::parse(m).unwrap();
        println!("{:?} {:?}", m.compare(&r(&x.matrix), &r(&y.matrix)), m.reference(&r(&x.matrix), &r(&y.matrix)));
    }
    let p = similitude::Prepared::new(&r(&x.matrix), false);
    println!("{:?}", p.centered().matrix());
    println!("{:?} {:?}", p.centered().decomposition().unwrap(), p.centered().exponent());
}
