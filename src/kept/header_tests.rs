//! Tests of `header.rs`.

use super::*;

fn header() -> Header {
    let layers = vec![("one".into(), 10, 3), ("two".into(), 10, 4)];
    let a = NetworkHeader { name: "a".into(), layers, identity: vec!["a, 7 bytes".into(), format!("{LOCAL} inode 5")] };
    let measures = vec!["cka:kernel=linear,estimator=biased".into()];
    Header { similitude: "0.1.0".into(), a, b: None, measures, precision: Precision::Double }
}

#[test]
fn sizes_and_measures_that_cannot_be_are_refused_in_words() {
    assert_eq!(header().check().and_then(|()| header().measures()).unwrap().len(), 1);
    let refused = |change: fn(&mut Header)| {
        let mut header = header();
        change(&mut header);
        header.check().and_then(|()| header.measures()).map(|_| ()).unwrap_err()
    };
    assert!(refused(|header| header.a.layers[1].2 = 0).contains("\"two\" is 10 x 0"));
    assert!(refused(|header| header.a.layers[1].1 = 9).contains("\"two\" is 9 x 4, and the first layer has 10"));
    assert!(refused(|header| header.a.layers.iter_mut().for_each(|layer| layer.1 = 0)).contains("0 x 3"));
    assert!(refused(|header| header.a.layers[0].2 = 1 << 63).contains("no file holds"));
    assert!(refused(|header| header.a.layers.clear()).contains("no layers"));
    assert!(refused(|header| header.b = Some(NetworkHeader { layers: vec![], ..header.a.clone() })).contains("no layers"));
    assert!(refused(|header| header.measures.clear()).contains("0 measures"));
    assert!(refused(|header| header.measures.push(header.measures[0].clone())).contains("is there twice"));
    assert!(refused(|header| header.measures = vec!["cka".into()]).contains("full convention"));
    assert!(refused(|header| header.measures = vec!["ckb".into()]).contains("unknown measure"));
}

#[test]
fn parts_from_copies_of_the_files_are_of_one_sweep() {
    let (here, mut there) = (header(), header());
    there.a.identity[1] = format!("{LOCAL} inode 6");
    assert_eq!(here.differences(&there).len(), 1);
    assert_eq!(here.clone().of_copies().differences(&there.of_copies()), Vec::<String>::new());
    assert_eq!(here.of_copies().a.identity, ["a, 7 bytes"]);
}
