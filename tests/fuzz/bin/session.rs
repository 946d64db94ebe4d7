#![no_main]

libfuzzer_sys::fuzz_target!(init: poppet_fuzz::begin("session"), |octets: &[u8]| poppet_fuzz::run(octets));
