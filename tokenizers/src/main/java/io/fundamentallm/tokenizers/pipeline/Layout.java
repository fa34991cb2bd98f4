package io.fundamentallm.tokenizers.pipeline;

import io.fundamentallm.text.Encoding;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.EncodingOptions.Strategy;
import io.fundamentallm.text.EncodingOptions.Truncation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts one or two texts so that they fit with what is added around them, and adds it: Hugging
 * Face's truncate_encodings (tokenizers, utils/truncation.rs), with its windows of what overflows.
 */
final class Layout {
  private Layout() {}

  static Encoding of(
      PostProcessor processor, Encoding first, @Nullable Encoding second, EncodingOptions options) {
    Truncation truncation = options.truncation().orElse(null);
    boolean add = options.addSpecialTokens();
    if (truncation == null) {
      return processor.process(first, second, add);
    }
    int added = add ? processor.added(second != null) : 0;
    int available = truncation.maxLength() - added;
    int length = first.length() + (second == null ? 0 : second.length());
    if (available < 0) {
      throw new IllegalArgumentException(
          "truncation to "
              + truncation.maxLength()
              + " tokens leaves no room: "
              + added
              + " special tokens are added");
    }
    int keepFirst = first.length();
    int keepSecond = second == null ? 0 : second.length();
    if (length > available) {
      if (second == null) {
        keepFirst = available;
      } else if (truncation.strategy() == Strategy.LONGEST_FIRST) {
        boolean swapped = keepFirst > keepSecond;
        int shorter = Math.min(keepFirst, keepSecond);
        int longer = shorter > available ? shorter : Math.max(shorter, available - shorter);
        if (shorter + longer > available) {
          shorter = available / 2;
          longer = shorter + available % 2;
        }
        keepFirst = swapped ? longer : shorter;
        keepSecond = swapped ? shorter : longer;
      } else if (truncation.strategy() == Strategy.ONLY_FIRST) {
        keepFirst = remaining(keepFirst, length - available, "first");
      } else {
        keepSecond = remaining(keepSecond, length - available, "second");
      }
    }
    Encoding a = first.truncated(keepFirst, truncation.stride(), truncation.side());
    Encoding b =
        second == null
            ? null
            : second.truncated(keepSecond, truncation.stride(), truncation.side());
    return withOverflow(processor, a, b, add);
  }

  private static int remaining(int length, int cut, String which) {
    if (length <= cut) {
      throw new IllegalArgumentException(
          "truncation of the "
              + which
              + " text alone would take all its "
              + length
              + " tokens and more: "
              + cut
              + " are too many");
    }
    return length - cut;
  }

  /** Pairs every window of one text with every window of the other. */
  private static Encoding withOverflow(
      PostProcessor processor, Encoding a, @Nullable Encoding b, boolean add) {
    List<Encoding> rest = new ArrayList<>();
    Encoding first = a.withOverflowing(List.of());
    Encoding second = b == null ? null : b.withOverflowing(List.of());
    for (Encoding window : a.overflowing()) {
      rest.add(processor.process(window, second, add));
      if (b != null) {
        for (Encoding other : b.overflowing()) {
          rest.add(processor.process(window, other, add));
        }
      }
    }
    if (b != null) {
      for (Encoding other : b.overflowing()) {
        rest.add(processor.process(first, other, add));
      }
    }
    return processor.process(first, second, add).withOverflowing(rest);
  }
}
