#![no_main]

libfuzzer_sys::fuzz_target!(init: poppet_fuzz::begin("safe"), |octets: &[u8]| poppet_fuzz::run(octets));
