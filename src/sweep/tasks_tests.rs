//! Tests of `tasks.rs`.

use super::*;

#[test]
fn layers_are_compared_with_those_of_their_tasks() {
    let partners = |itself, tasks: &[(usize, usize)]| {
        let columns = if itself { vec![3, 1, 2] } else { vec![5, 7] };
        let plan = Plan { n: 9, rows: vec![3, 1, 2], columns, itself };
        plan.partners(&tasks.iter().map(|&task| (task, vec![0])).collect())
    };
    let of = |narrowest, widest, as_x, as_y| Partners { narrowest, widest, as_x, as_y };
    let two = partners(false, &[(0, 0), (0, 1), (2, 1)]);
    let expected = [
        ((false, 0), of(5, 7, true, false)),
        ((false, 2), of(7, 7, true, false)),
        ((true, 0), of(3, 3, false, true)),
        ((true, 1), of(2, 3, false, true)),
    ];
    assert_eq!(two, BTreeMap::from(expected));
    let one = partners(true, &[(0, 1), (1, 2)]);
    let expected = [((false, 0), of(1, 1, true, false)), ((false, 1), of(2, 3, true, true)), ((false, 2), of(1, 1, false, true))];
    assert_eq!(one, BTreeMap::from(expected));
}

#[test]
fn parts_cover_every_cell_once_and_share_the_work() {
    let measures = ["cka", "linear-regression"].map(|text| Measure::parse(text).unwrap());
    let widths: Vec<usize> = (0..20).map(|layer| [64, 128, 512][layer % 3]).collect();
    for (columns, itself) in [(widths.clone(), true), (vec![100; 33], false)] {
        let plan = Plan { n: 1000, rows: widths.clone(), columns, itself };
        for of in [1, 2, 7, 50, 700] {
            let parts: Vec<Tasks> = (1..=of).map(|k| plan.part(plan.tasks(&measures), Part::new(k, of).unwrap())).collect();
            let together: Vec<_> = parts.iter().flatten().collect();
            let cells = plan.tasks(&measures);
            assert_eq!(together.len(), cells.len());
            assert!(together.iter().all(|(cell, measures)| cells[cell] == **measures));
            let work = |tasks: &Tasks| -> usize {
                tasks.iter().map(|(&(row, column), measures)| plan.rows[row] * plan.columns[column] * measures.len()).sum()
            };
            let (total, largest) = (work(&cells), 2 * 512 * 512);
            assert!(parts.iter().all(|part| work(part) <= total / of + 2 * largest), "{of} parts");
            if of == 7 {
                // A seventh of the table in one piece touches fewer layers than a band of rows
                // would.
                let rows: BTreeSet<_> = parts[3].keys().flat_map(|&(row, column)| [(0, row), (usize::from(!itself), column)]).collect();
                assert!(rows.len() < 30, "{} layers", rows.len());
            }
        }
    }
}

#[test]
fn parts_are_read_and_written() {
    let part: Part = "3/8".parse().unwrap();
    assert_eq!((part.number(), part.of(), part.to_string().as_str()), (3, 8, "3/8"));
    for wrong in ["0/3", "4/3", "3", "a/b", "-1/2", "/", "1/1000001", "1/1000000000000"] {
        assert!(wrong.parse::<Part>().unwrap_err().contains("K/N"), "{wrong}");
    }
}
