package io.fundamentallm.tokenizers.split;

/** Closes sets under simple case folding. */
final class CaseClosure {
  private static final int LONG_S = 0x17F;
  private static final int KELVIN = 0x212A;

  private CaseClosure() {}

  static CharSet of(CharSet set) {
    CharSet.Builder closed = new CharSet.Builder().addAll(set);
    for (int c = 'a'; c <= 'z'; c++) {
      int upper = c - 32;
      int third = c == 's' ? LONG_S : c == 'k' ? KELVIN : c;
      if (set.contains(c) || set.contains(upper) || set.contains(third)) {
        closed.add(c, c).add(upper, upper).add(third, third);
      }
    }
    return closed.build();
  }
}
