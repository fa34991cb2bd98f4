package io.fundamentallm.tokenizers.train;

import java.util.ArrayList;
import java.util.List;

/** Texts as trainers take them: line by line, each with its newline. */
final class Lines {
  private Lines() {}

  static List<String> of(String text) {
    List<String> lines = new ArrayList<>();
    for (int from = 0; from < text.length(); ) {
      int newline = text.indexOf('\n', from);
      int to = newline < 0 ? text.length() : newline + 1;
      lines.add(text.substring(from, to));
      from = to;
    }
    return lines;
  }
}
