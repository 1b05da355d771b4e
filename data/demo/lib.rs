//! The layers of five small convolutional networks, as bytes of `.safetensors` files: what each
//! layer answers to the same 516 pictures of handwritten digits.

macro_rules! embedded {
    ($($seed:literal),+) => {
        [$((concat!("digits-seed-", $seed), include_bytes!(concat!("digits-seed-", $seed, ".safetensors")).as_slice())),+]
    };
}

/// Name and file of each network: one architecture and the same pictures, trained from five seeds.
pub static NETWORKS: [(&str, &[u8]); 5] = embedded!["1", "2", "3", "4", "5"];
