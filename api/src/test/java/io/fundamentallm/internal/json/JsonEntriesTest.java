package io.fundamentallm.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonEntriesTest {
  private final List<String> taken = new ArrayList<>();

  private void read(String text) throws IOException {
    JsonEntries.read(
        text,
        "file",
        8,
        5,
        "skipped",
        (name, entry) -> {
          taken.add(name);
          entry.size("n", 1);
        });
  }

  @Test
  void entries_come_one_by_one_and_each_may_have_so_many_values() throws IOException {
    read(" {\"a\":{\"n\":2},\"skipped\":{\"m\":[1,2,3,4,5,{\"o\":6}]}, \"b\":{\"l\":[1,2,3]}} ");
    assertThat(taken).containsExactly("a", "b");
    read("{}");
    assertThat(taken).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          []                                | file: malformed JSON at byte 8: expected {
          {"a":{"n":0},nonsense             | file, "a": "n" is 0, expected at least 1
          {"a":{},"b":1}                    | file: "b" is 1, expected an object
          {"a":{},"skipped":[]}             | file: "skipped" is […], expected an object
          {"a":{},"skipped":{"b":nil}}      | file: malformed JSON at byte 31: expected null
          {"a":{},"a":{}}                   | file: malformed JSON at byte 16: expected no second "a"
          {"skipped":{},"skipped":{}}       | file: malformed JSON at byte 22: expected no second "skipped"
          {"a":{"l":[1,2,3,4]}}             | file: malformed JSON at byte 25: expected at most 5 values
          {"a":{}                           | file: malformed JSON at byte 15: expected ',' or '}'
          {"a":{}} 1                        | file: malformed JSON at byte 17: expected the end
          """)
  void the_first_mistake_ends_the_reading(String text, String message) {
    assertThatIOException().isThrownBy(() -> read(text)).withMessage(message);
    assertThat(taken).hasSizeLessThan(2);
  }
}
