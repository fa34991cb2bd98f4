package io.fundamentallm.chat;

/** Ids of calls: nine letters and digits, as Mistral's templates require and others accept. */
final class CallIds {
  private static final int LENGTH = 9;
  private static final int BASE = 36;

  private CallIds() {}

  /** The id of a call, a function of the seed and its index. */
  static String of(long seed, int index) {
    long bits = mixed(seed + 0x9E3779B97F4A7C15L * (index + 1L));
    StringBuilder id = new StringBuilder();
    for (int i = 0; i < LENGTH; i++) {
      id.append(Character.forDigit((int) Long.remainderUnsigned(bits, BASE), BASE));
      bits = Long.divideUnsigned(bits, BASE);
    }
    return id.toString();
  }

  /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
  private static long mixed(long seed) {
    long z = (seed ^ seed >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
