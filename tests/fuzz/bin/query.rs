#![no_main]

libfuzzer_sys::fuzz_target!(init: poppet_fuzz::begin("query"), |octets: &[u8]| poppet_fuzz::run(octets));
