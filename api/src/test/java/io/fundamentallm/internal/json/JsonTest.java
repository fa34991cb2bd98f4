package io.fundamentallm.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void every_kind_of_value_is_read() {
    Map<String, Object> json =
        Json.object(
            " { \"a\" : 1.5e2, \"b\":[true,false,null,-1, \"x\",[]],\n\"c\":{\"d\":{}} }\t");
    assertThat(json)
        .containsEntry("a", new BigDecimal("1.5e2"))
        .containsEntry(
            "b", Arrays.asList(true, false, null, BigDecimal.valueOf(-1), "x", List.of()))
        .containsEntry("c", Map.of("d", Map.of()));
  }

  @Test
  void strings_know_every_escape() {
    assertThat(Json.object("{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\": \"\\ud83d\\ude42\"}"))
        .isEqualTo(Map.of("\"\\/\b\f\n\r\t\u00e9", "\ud83d\ude42"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "''                 | expected { at character 0",
        "'[1]'              | expected { at character 0",
        "'{'                | expected a key in quotes at character 1",
        "'{a:1}'            | expected a key in quotes at character 1",
        "'{\"a\" 1}'        | expected ':' at character 5",
        "'{\"a\":}'         | expected a value at character 5",
        "'{\"a\":1.2.3}'    | expected a value at character 5",
        "'{\"a\":.5}'       | expected a value at character 5",
        "'{\"a\":+5}'       | expected a value at character 5",
        "'{\"a\":05}'       | expected a value at character 5",
        "'{\"a\":1e99999999999}' | expected a value at character 5",
        "'{\"a\":'          | expected a value at character 5",
        "'{\"a\":nil}'      | expected null at character 5",
        "'{\"a\":1'         | expected ',' or '}' at character 6",
        "'{\"a\":1,}'       | expected a key in quotes at character 7",
        "'{\"a\":[1 2]}'    | expected ',' or ']' at character 8",
        "'{\"a\":\"b}'      | expected '\"' at character 8",
        "'{\"a\":\"\\x\"}'  | expected an escape at character 7",
        "'{\"a\":\"\\'      | expected an escape at character 7",
        "'{\"a\":\"\\u12G'  | expected four hexadecimal digits at character 10",
        "'{\"a\":1,\"a\":2}'| expected no second \"a\" at character 7",
        "'{} {}'            | expected the end at character 3",
      })
  void mistakes_are_told_with_their_place(String text, String message) {
    assertThatIllegalArgumentException().isThrownBy(() -> Json.object(text)).withMessage(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "7",
        "-120",
        "999999999999999999",
        "-9223372036854775808",
        "99999999999999999999",
        "1.50",
        "-0.0",
        "1E+2",
        "12e-3",
        "1.25e7"
      })
  void a_number_keeps_its_digits(String number) {
    assertThat(Json.object("{\"a\":" + number + "}"))
        .isEqualTo(Map.of("a", new BigDecimal(number)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-", "1.", "1.e5", "1e", "1e+", "-.5", "00", "-01", "1-2", "1+", "1e5.5"})
  void what_only_looks_like_a_number_is_refused(String number) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Json.object("{\"a\":" + number + "}"))
        .withMessage("expected a value at character 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Json.object("{\"a\":" + number))
        .withMessage("expected a value at character 5");
  }

  @Test
  void a_long_key_is_cut_in_a_message() {
    String key = "\"" + "k".repeat(1000) + "\":1";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Json.object("{" + key + "," + key + "}"))
        .withMessage("expected no second \"" + "k".repeat(100) + "…\" at character 1006");
  }

  @Test
  void deep_nesting_is_refused_before_the_stack_overflows() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Json.object("{\"a\":" + "[".repeat(1_000_000)))
        .withMessageContaining("at most 100 levels of nesting");
    assertThat(Json.object("{\"a\":" + "[".repeat(99) + "]".repeat(99) + "}")).hasSize(1);
  }

  @Test
  void what_would_take_too_much_time_or_memory_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Json.object("{\"a\":" + "1".repeat(100_000) + "}"))
        .withMessage("expected a value at character 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Json.object("{\"a\":[" + "0,".repeat(1 << 22) + "0]}"))
        .withMessageContaining("at most 4194304 values");
  }

  @Property(tries = 1000)
  void any_text_is_read_or_refused(@ForAll @StringLength(max = 20) String text) {
    try {
      Json.object("{\"a\":" + text);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageStartingWith("expected ");
    }
  }
}
