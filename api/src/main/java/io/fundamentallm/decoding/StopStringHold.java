package io.fundamentallm.decoding;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides which text of a stream may be shown: everything but the longest suffix that could still
 * become a stop string, and nothing after a stop string. The stop string that is complete first
 * counts, and of those complete at the same character the longest, so it does not matter in which
 * pieces the text arrives.
 */
final class StopStringHold {
  private final List<String> stops;
  private final boolean includeStop;
  private final StringBuilder held;
  private @Nullable String matched;

  StopStringHold(List<String> stops, boolean includeStop) {
    this(stops, includeStop, new StringBuilder(), null);
  }

  private StopStringHold(
      List<String> stops, boolean includeStop, StringBuilder held, @Nullable String matched) {
    this.stops = stops;
    this.includeStop = includeStop;
    this.held = held;
    this.matched = matched;
  }

  /** Takes the next piece and returns what may be shown now. */
  String append(String piece) {
    if (stops.isEmpty() || matched != null) {
      return matched != null ? "" : piece;
    }
    held.append(piece);
    int stop = findStop();
    int release =
        matched == null
            ? held.length() - longestHeldSuffix()
            : stop + (includeStop ? matched.length() : 0);
    String text = held.substring(0, release);
    held.delete(0, matched == null ? release : held.length());
    return text;
  }

  /** The stop string that was found, or null. */
  @Nullable String matched() {
    return matched;
  }

  /** The text held back, when nothing more follows. */
  String finish() {
    String text = held.toString();
    held.setLength(0);
    return text;
  }

  StopStringHold fork() {
    return new StopStringHold(stops, includeStop, new StringBuilder(held), matched);
  }

  /** Where the first complete stop string begins, the longest of several; or -1. */
  private int findStop() {
    int begin = -1;
    int end = Integer.MAX_VALUE;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      int after = at + stop.length();
      if (at >= 0 && (after < end || (after == end && at < begin))) {
        begin = at;
        end = after;
        matched = stop;
      }
    }
    return begin;
  }

  private int longestHeldSuffix() {
    int longest = 0;
    for (String stop : stops) {
      for (int n = Math.min(stop.length() - 1, held.length()); n > longest; n--) {
        if (held.indexOf(stop.substring(0, n), held.length() - n) >= 0) {
          longest = n;
        }
      }
    }
    return longest;
  }
}
