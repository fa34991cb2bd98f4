package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Samplers;
import io.fundamentallm.model.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Half of a surrogate pair is no text, and nothing takes its place. */
class SurrogatesTest {
  static List<Arguments> halves() {
    return List.of(
        Arguments.of("choice", "yes|no\ud800", "index 6"),
        Arguments.of("choice", "\udc00", "index 0"),
        Arguments.of("choice", "\ud83d\ude00|\ude00\ud83d", "index 3"),
        Arguments.of("grammar", "root ::= \"a\ud800\"", "line 1, column 12"),
        Arguments.of("grammar", "root ::=\n  \"a\\uD800\"", "line 2, column 5"),
        Arguments.of("grammar", "root ::= \"\\U0000DC00\"", "line 1, column 11"),
        Arguments.of("grammar", "root ::= \"\\uDE00\\uD83D\"", "line 1, column 11"),
        Arguments.of("grammar", "root ::= [a\ud800]", "line 1, column 12"),
        Arguments.of("grammar", "root ::= [a-\\uDFFF]", "line 1, column 13"),
        Arguments.of("regex", "ab\ud800", "index 2"),
        Arguments.of("regex", "ab\\uD800c", "index 2"),
        Arguments.of("regex", "\\x{dfff}", "index 0"),
        Arguments.of("regex", "[a-\\udfff]", "index 3"),
        Arguments.of("regex", "[\\ud83d\\ude00\ude00]", "index 13"),
        Arguments.of("json-schema", "{\"const\":\"\\ud800\"}", "line 1, column 10"),
        Arguments.of("json-schema", "{\"enum\":[1,\n\"a\ud800\"]}", "line 2, column 1"),
        Arguments.of("json-schema", "{\"properties\":{\"\\ude00\":true}}", "column 16"),
        Arguments.of("json-schema", "{\"pattern\":\"a\\\\ud800\"}", "#/pattern, at index 1"),
        Arguments.of("bad-words", "1;'a\ud800'", "index 3"),
        Arguments.of("dry(multiplier=1,breakers=", "'\ude00'", "index 1"));
  }

  @ParameterizedTest
  @MethodSource("halves")
  void half_a_pair_is_refused_with_its_place(String stage, String recipe, String place) {
    String spec =
        stage.endsWith("=") ? stage + Spec.quoted(recipe) + ")" : stage + "=" + Spec.quoted(recipe);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samplers.parse(spec))
        .withMessageContaining("half of a surrogate pair")
        .withMessageContaining(place)
        .withMessageContaining("stage \"" + stage.replaceFirst("\\(.*", "") + "\"");
  }

  @Test
  void whole_pairs_are_characters_however_they_are_written() {
    for (String[] recipe :
        new String[][] {
          {"choice", "\ud83d\ude00"},
          {"grammar", "root ::= \"\ud83d\ude00\""},
          {"grammar", "root ::= \"\\uD83D\\uDE00\""},
          {"grammar", "root ::= [\\uD83D\\uDE00]"},
          {"grammar", "root ::= \"\\U0001F600\" # not in a comment: \ud800"},
          {"regex", "\ud83d\ude00"},
          {"regex", "\\ud83d\\ude00"},
          {"regex", "[\\x{1f600}]"}
        }) {
      assertThat(Bound.accepts(Bound.bytes(recipe[0], recipe[1]), "\ud83d\ude00"))
          .as(recipe[1])
          .isTrue();
    }
  }
}
