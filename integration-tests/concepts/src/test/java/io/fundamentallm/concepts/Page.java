package io.fundamentallm.concepts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** {@code concepts.md}. */
record Page(String text) {
  static Page read() throws IOException {
    return new Page(Files.readString(Path.of("concepts.md")));
  }

  /** What stands between fences of a language. */
  List<String> blocks(String language) {
    return found("```" + language + "\n(.*?)```");
  }

  /** The first group of each match. */
  List<String> found(String regex) {
    return Pattern.compile(regex, Pattern.DOTALL)
        .matcher(text)
        .results()
        .map((MatchResult match) -> match.group(1))
        .toList();
  }

  /** The text as one line, so that breaks within sentences do not matter. */
  String unbroken() {
    return text.replaceAll("\\s+", " ");
  }
}
