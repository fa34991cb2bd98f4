package io.fundamentallm.tokenizers.unicode;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The property Script. Its table is read on first use. */
public final class Scripts {
  /** Names of scripts, a line each: the long name and the short ones, by number. */
  private static final String[] NAMES;

  /** First code points of runs of one script, ascending from 0, and these scripts. */
  private static final int[] STARTS;

  private static final byte[] NUMBERS;

  static {
    ByteBuffer table = ByteBuffer.wrap(Resource.read("scripts.bin"));
    STARTS = new int[table.getInt()];
    for (int i = 0; i < STARTS.length; i++) {
      STARTS[i] = table.getInt();
    }
    NUMBERS = new byte[STARTS.length];
    table.get(NUMBERS);
    NAMES =
        new String(table.array(), table.position(), table.remaining(), StandardCharsets.US_ASCII)
            .split("\n", -1);
  }

  private Scripts() {}

  /** The number of a code point's script. */
  public static int of(int codePoint) {
    int low = 0;
    for (int high = STARTS.length; high - low > 1; ) {
      int middle = (low + high) >>> 1;
      if (STARTS[middle] <= codePoint) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return NUMBERS[low] & 0xFF;
  }

  /**
   * The number of the script that has this long or short name, {@code Han} and {@code Hani} being
   * the same; case, spaces, hyphens and underscores do not matter. Negative if there is none.
   */
  public static int named(String name) {
    String loose = loose(name);
    for (int script = 0; script < NAMES.length; script++) {
      for (String known : NAMES[script].split(" ", -1)) {
        if (loose(known).equals(loose)) {
          return script;
        }
      }
    }
    return -1;
  }

  private static String loose(String name) {
    return name.replaceAll("[ _-]", "").toLowerCase(Locale.ROOT);
  }
}
