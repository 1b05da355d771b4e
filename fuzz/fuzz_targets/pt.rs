#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| similitude_fuzz::run("pt", bytes));
