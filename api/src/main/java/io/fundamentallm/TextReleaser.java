package io.fundamentallm;

import java.util.List;

/**
 * Decides which text of a stream may be shown: everything but the longest suffix that could still
 * become a stop string, and nothing from a stop string on.
 */
final class TextReleaser {
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private boolean stopped;

  TextReleaser(List<String> stops) {
    this.stops = stops;
  }

  /** Takes the next piece and returns what may be shown now. */
  String append(String piece) {
    if (stops.isEmpty() || stopped) {
      return stopped ? "" : piece;
    }
    held.append(piece);
    int stop = firstStop();
    if (stop >= 0) {
      stopped = true;
      String text = held.substring(0, stop);
      held.setLength(0);
      return text;
    }
    int release = held.length() - longestHeldSuffix();
    String text = held.substring(0, release);
    held.delete(0, release);
    return text;
  }

  /** Whether a stop string was found. */
  boolean stopped() {
    return stopped;
  }

  /** The text held back, when nothing follows any more. */
  String finish() {
    String text = held.toString();
    held.setLength(0);
    return text;
  }

  /** Where the first stop string begins, or -1. */
  private int firstStop() {
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
      }
    }
    return first;
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
