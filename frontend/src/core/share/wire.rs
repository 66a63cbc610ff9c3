//! The encoding of posts: numbers have seven bits in each byte, strings and lists follow their lengths, and the number
//! of an enum's variant precedes its fields.

use std::time::Duration;

/// A value that can be posted.
pub(crate) trait Wire: Sized {
    fn put(&self, bytes: &mut Vec<u8>);
    /// Removes a value from the front of the bytes; returns `None` if they begin with something else.
    fn take(bytes: &mut &[u8]) -> Option<Self>;
}

/// A string, without copying it.
pub(crate) fn put_text(text: &str, bytes: &mut Vec<u8>) {
    (text.len() as u64).put(bytes);
    bytes.extend_from_slice(text.as_bytes());
}

pub(crate) fn take_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::take(bytes)?;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}

impl Wire for u8 {
    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.push(*self);
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        Some(*first)
    }
}

impl Wire for u64 {
    #[inline(never)]
    fn put(&self, bytes: &mut Vec<u8>) {
        let mut left = *self;
        loop {
            let [low, ..] = left.to_le_bytes();
            left >>= 7;
            if left == 0 {
                return bytes.push(low);
            }
            bytes.push(low | 0x80);
        }
    }

    #[inline(never)]
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let mut number = 0;
        for shift in (0..Self::BITS).step_by(7) {
            let byte = u8::take(bytes)?;
            number |= Self::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
}

/// Other numbers are encoded as `u64`.
macro_rules! as_u64 {
    ($($number:ty, $number_as_u64:expr;)*) => {$(
        impl Wire for $number {
            fn put(&self, bytes: &mut Vec<u8>) {
                ($number_as_u64)(*self).put(bytes);
            }

            fn take(bytes: &mut &[u8]) -> Option<Self> {
                u64::take(bytes)?.try_into().ok()
            }
        }
    )*};
}

as_u64! {
    u16, u64::from;
    u32, u64::from;
    usize, |number: usize| number as u64;
}

impl Wire for bool {
    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(*self));
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some(u8::take(bytes)? != 0)
    }
}

impl Wire for Duration {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.as_secs().put(bytes);
        self.subsec_nanos().put(bytes);
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let (seconds, nanos) = (u64::take(bytes)?, u32::take(bytes)?);
        (nanos < 1_000_000_000).then(|| Self::new(seconds, nanos))
    }
}

impl Wire for String {
    fn put(&self, bytes: &mut Vec<u8>) {
        put_text(self, bytes);
    }

    #[inline(never)]
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some(take_text(bytes)?.to_owned())
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.is_some().put(bytes);
        if let Some(value) = self {
            value.put(bytes);
        }
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some(if bool::take(bytes)? { Some(T::take(bytes)?) } else { None })
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.len().put(bytes);
        for value in self {
            value.put(bytes);
        }
    }

    // Reserves no memory for a length that any script could have posted.
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let length = usize::take(bytes)?;
        let mut values = Self::new();
        while values.len() < length {
            values.push(T::take(bytes)?);
        }
        Some(values)
    }
}

/// Encodes a struct's fields in this order, or an enum by these numbers. The fields of tuple variants are named, too.
macro_rules! wire {
    (struct $type:ty { $($member:ident),* }) => {
        impl $crate::core::share::wire::Wire for $type {
            fn put(&self, bytes: &mut Vec<u8>) {
                let Self { $($member),* } = self;
                $($member.put(bytes);)*
            }

            fn take(bytes: &mut &[u8]) -> Option<Self> {
                $(let $member = $crate::core::share::wire::Wire::take(bytes)?;)*
                Some(Self { $($member),* })
            }
        }
    };
    (enum $type:ty { $($number:literal: $variant:ident $(($($part:ident),*))? $({ $($member:ident),* })?,)* }) => {
        impl $crate::core::share::wire::Wire for $type {
            fn put(&self, bytes: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $(($($part),*))? $({ $($member),* })? => {
                        bytes.push($number);
                        $($($part.put(bytes);)*)?
                        $($($member.put(bytes);)*)?
                    })*
                }
            }

            fn take(bytes: &mut &[u8]) -> Option<Self> {
                match u8::take(bytes)? {
                    $($number => {
                        $($(let $part = $crate::core::share::wire::Wire::take(bytes)?;)*)?
                        $($(let $member = $crate::core::share::wire::Wire::take(bytes)?;)*)?
                        Some(Self::$variant $(($($part),*))? $({ $($member),* })?)
                    })*
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use wire;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is_read<T: Wire + PartialEq + std::fmt::Debug>(value: T) {
        let mut bytes = Vec::new();
        value.put(&mut bytes);
        for end in 0..bytes.len() {
            assert_eq!(T::take(&mut &bytes[..end]), None, "{end}");
        }
        bytes.push(7);
        let mut left = &bytes[..];
        assert_eq!((T::take(&mut left), left), (Some(value), &[7][..]));
    }

    #[test]
    fn what_was_written_is_read_and_no_part_of_it_is() {
        for number in [0, 1, 127, 128, 300, u64::MAX >> 1, u64::MAX] {
            is_read(number);
        }
        is_read(u16::MAX);
        is_read(vec!["ü".to_owned(), String::new()]);
        is_read(Some(Duration::from_micros(1_234_567)));
    }

    #[test]
    fn what_is_too_large_or_no_text_is_refused() {
        let mut bytes = Vec::new();
        u64::from(u32::MAX).put(&mut bytes);
        assert_eq!(u16::take(&mut &bytes[..]), None);
        assert_eq!(String::take(&mut &bytes[..]), None);
        assert_eq!(u64::take(&mut &[0xff; 12][..]), None);
        assert_eq!(String::take(&mut &[1, 0xff][..]), None);
        assert_eq!(Vec::<u64>::take(&mut &[0xff, 0xff, 0xff, 0xff, 0x0f, 1][..]), None);
    }
}
