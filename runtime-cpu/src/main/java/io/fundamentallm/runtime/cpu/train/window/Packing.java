package io.fundamentallm.runtime.cpu.train.window;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.training.TokenMarks;
import io.fundamentallm.training.TokenSequence;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Which units of examples share a window, so that few rows are padding: best-fit decreasing
 * (Johnson 1973; for training Ding et al. 2024). Units are examples or pairs. Immutable.
 */
final class Packing {
  /** What becomes of a unit that is longer than a window. */
  enum Long {
    REFUSE,
    CUT,
    SKIP;

    static Long named(String name) {
      return valueOf(name.toUpperCase(Locale.ROOT));
    }
  }

  private static final int AT_ONCE = 1 << 16;

  private long[] starts = new long[1 << 8]; // of each unit, and after the last one
  private int[] rows = new int[1 << 8]; // that a unit takes: one less than tokens for each example
  private int units;
  private boolean pairs;

  private final int[] packed; // units, window by window
  private final int[] first; // of each window, in the array before, and after the last one

  /**
   * Packs examples.
   *
   * @param length rows of a window
   * @param several whether units share windows
   * @throws IllegalArgumentException if there are both examples and pairs, or more than two answers
   *     in a unit; or if a unit is too long, and that is refused; or if none is left
   */
  Packing(TokenSequence tokens, int length, Long tooLong, boolean several) {
    find(tokens);
    requireShort(length, tooLong);
    int[] order = new int[units];
    int kept = 0;
    for (int unit = 0; unit < units; unit++) {
      if (rows[unit] <= length || (tooLong == Long.CUT && learns(unit, length, tokens))) {
        order[kept++] = unit;
      }
    }
    if (kept == 0 && units > 0) {
      throw new IllegalArgumentException(
          (pairs ? "no pair" : "no example")
              + " of "
              + units
              + " is left: all are longer than the windows of contextLength "
              + length
              + (tooLong == Long.CUT ? ", which have none of what is to be learned" : "")
              + "; raise contextLength, as far as the model has positions");
    }
    Integer[] longestFirst = new Integer[kept];
    Arrays.setAll(longestFirst, i -> order[i]);
    Arrays.sort(longestFirst, (a, b) -> Integer.compare(rows[b], rows[a])); // stable
    int[] windowOf = new int[kept];
    int windows = several ? share(longestFirst, length, windowOf) : kept;
    packed = new int[kept];
    first = new int[windows + 1];
    for (int i = 0; i < kept; i++) {
      windowOf[i] = several ? windowOf[i] : i;
      first[windowOf[i] + 1]++;
    }
    for (int i = 0; i < windows; i++) {
      first[i + 1] += first[i];
    }
    int[] next = first.clone();
    for (int i = 0; i < kept; i++) {
      packed[next[windowOf[i]]++] = longestFirst[i];
    }
  }

  /** Finds where units begin. */
  private void find(TokenSequence tokens) {
    TokenMarks marks = tokens.marks().orElseThrow();
    byte[] block = new byte[AT_ONCE];
    int examples = 0;
    long size = tokens.size();
    for (long from = 0; from < size; from += AT_ONCE) {
      int count = (int) Math.min(AT_ONCE, size - from);
      marks.read(from, block, 0, count);
      for (int i = 0; i < count; i++) {
        if ((block[i] & TokenMarks.UNIT) != 0) {
          end(from + i, examples);
          begin(from + i);
          examples = 1;
        } else if ((block[i] & TokenMarks.BEGIN) != 0) {
          examples++;
        }
      }
    }
    end(size, examples);
  }

  private void begin(long at) {
    if (units + 1 == starts.length) {
      starts = Arrays.copyOf(starts, 2 * starts.length);
      rows = Arrays.copyOf(rows, 2 * rows.length);
    }
    starts[units++] = at;
  }

  /** Ends the unit before a place. */
  private void end(long at, int examples) {
    starts[units] = at;
    if (units == 0) {
      if (at > 0) {
        throw new IllegalArgumentException("the first token does not begin an example");
      }
      return;
    }
    rows[units - 1] = Math.toIntExact(at - starts[units - 1] - examples);
    boolean pair = examples == 2;
    if (examples > 2 || (units > 1 && pair != pairs)) {
      throw new IllegalArgumentException(
          "example " + units + " has " + examples + " parts; expected pairs or single ones");
    }
    pairs = pair;
  }

  private void requireShort(int length, Long tooLong) {
    if (tooLong == Long.SKIP || (tooLong == Long.CUT && !pairs)) {
      return;
    }
    int first = -1;
    int many = 0;
    int longest = 0;
    for (int unit = 0; unit < units; unit++) {
      if (rows[unit] > length) {
        first = first < 0 ? unit : first;
        many++;
        longest = Math.max(longest, rows[unit]);
      }
    }
    if (many > 0) {
      throw new IllegalArgumentException(
          (pairs ? "pair " : "example ")
              + (first + 1)
              + " has "
              + rows[first]
              + (pairs ? " tokens before the last of each answer" : " tokens before its last")
              + ", more than a window of contextLength "
              + length
              + "; "
              + many
              + " of "
              + units
              + " are too long, the longest with "
              + longest
              + "; raise contextLength to that, if the model has as many positions, or leave out what"
              + " is too long, with the windows packed(long=skip)"
              + (pairs ? "" : ", or its end, with packed(long=cut)"));
    }
  }

  /** Whether a token of the first window of a unit is to be learned. */
  private boolean learns(int unit, int length, TokenSequence tokens) {
    byte[] block = new byte[length];
    tokens.marks().orElseThrow().read(starts[unit] + 1, block, 0, length);
    for (byte mark : block) {
      if ((mark & TokenMarks.LEARNED) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Gives each unit the fullest window that has room for it; returns how many there are. */
  private int share(Integer[] longestFirst, int length, int[] windowOf) {
    Map<Integer, Deque<Integer>> byRoom = new HashMap<>();
    BitSet rooms = new BitSet(length + 1);
    int windows = 0;
    for (int i = 0; i < longestFirst.length; i++) {
      int need = Math.min(length, rows[longestFirst[i]]);
      int room = rooms.nextSetBit(need);
      int window;
      if (room < 0) {
        window = windows++;
        room = length;
      } else {
        Deque<Integer> open = requireNonNull(byRoom.get(room));
        window = open.remove();
        rooms.set(room, !open.isEmpty());
      }
      windowOf[i] = window;
      byRoom.computeIfAbsent(room - need, key -> new ArrayDeque<>()).add(window);
      rooms.set(room - need);
    }
    return windows;
  }

  int windows() {
    return first.length - 1;
  }

  /** Whether units are pairs. */
  boolean pairs() {
    return pairs;
  }

  int units() {
    return units;
  }

  /** The units of a window. */
  int[] of(long window) {
    return Arrays.copyOfRange(packed, first[(int) window], first[(int) window + 1]);
  }

  /** The first token of a unit. */
  long start(int unit) {
    return starts[unit];
  }

  /** How many tokens a unit has. */
  int tokens(int unit) {
    return (int) (starts[unit + 1] - starts[unit]);
  }
}
