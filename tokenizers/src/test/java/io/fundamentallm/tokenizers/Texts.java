package io.fundamentallm.tokenizers;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Random texts for properties. */
final class Texts {
  private Texts() {}

  /** Code points of every UTF-8 length, without lone surrogates. */
  static Arbitrary<String> valid() {
    Arbitrary<Integer> codePoints =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, 0x7F),
            Arbitraries.integers().between(0x80, 0x7FF),
            Arbitraries.integers().between(0x800, 0xD7FF),
            Arbitraries.integers().between(0xE000, 0xFFFF),
            Arbitraries.integers().between(0x10000, 0x10FFFF));
    return codePoints
        .map(Character::toString)
        .list()
        .ofMaxSize(40)
        .map(all -> String.join("", all));
  }

  /** Any UTF-16, lone surrogates included. */
  static Arbitrary<String> any() {
    Arbitrary<String> units =
        Arbitraries.oneOf(
                Arbitraries.integers().between(0, 0x7F),
                Arbitraries.integers().between(0xD800, 0xDFFF),
                Arbitraries.integers().between(0, 0xFFFF))
            .map(unit -> String.valueOf((char) unit.intValue()));
    return units.list().ofMaxSize(40).map(all -> String.join("", all));
  }
}
