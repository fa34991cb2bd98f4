package io.fundamentallm.webservice.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fundamentallm.webservice.error.ApiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;

/** What fields refuse by themselves. */
class FieldsTest {
  @Test
  void half_a_surrogate_pair_is_refused_with_its_field_and_index() {
    Fields fields = new Fields(JsonNodeFactory.instance.objectNode(), "messages[3].");
    fields.requireWhole("content", "a\uD83D\uDE00b\uFFFD");
    for (String half : new String[] {"\uD83D\uDE00\uD800", "ab\uDE00\uD83D", "ab\uD800x"}) {
      assertThatThrownBy(() -> fields.requireWhole("content", half))
          .isInstanceOfSatisfying(
              ApiException.class,
              e -> {
                assertThat(e.status().value()).isEqualTo(400);
                assertThat(e.type()).isEqualTo("invalid_request_error");
                assertThat(e.param()).isEqualTo("messages[3].content");
                assertThat(e.text()).contains("at index 2");
              });
    }
  }

  @Test
  void a_misspelt_field_is_refused_with_the_name_that_was_meant() {
    assertThat(refusal("max_token"))
        .isEqualTo("'max_token' is not supported here; leave it out. Did you mean 'max_tokens'?");
    assertThat(refusal("colour")).isEqualTo("'colour' is not supported here; leave it out");
    assertThat(refusal("x".repeat(1_000_000))).hasSizeLessThan(200);
  }

  @ParameterizedTest
  @CsvSource({"16, 16", "16.0, 16", "1.6e1, 16", "160e-1, 16", "-0.0, 0", "0e999999999, 0"})
  void a_whole_number_may_be_written_with_a_point_or_an_exponent(String json, long value) {
    assertThat(sent(json).integer("n", 0, 100)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"16.5", "1e3", "-1.0", "1e400", "1e999999999", "1e-999999999", "\"16\"", "true"})
  void what_is_no_whole_number_within_the_bounds_is_refused(String json) {
    assertThatThrownBy(() -> sent(json).integer("n", 0, 100))
        .hasMessage("'n' must be a whole number from 0 to 100");
  }

  private static Fields sent(String json) {
    return JsonBodies.read(("{\"n\": " + json + "}").getBytes(UTF_8));
  }

  @Test
  void a_long_name_is_never_cut_within_a_character() {
    for (int i = 60; i < 70; i++) {
      String refusal = refusal("x".repeat(i) + "\uD83D\uDE00" + "y".repeat(9));
      assertThat(refusal.codePoints()).as(refusal).noneMatch(FieldsTest::isHalf);
    }
  }

  private static boolean isHalf(int c) {
    return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
  }

  private static String refusal(String name) {
    Fields fields = new Fields(JsonNodeFactory.instance.objectNode().put(name, 1), "");
    fields.has("max_tokens");
    fields.has("temperature");
    return catchThrowableOfType(ApiException.class, fields::requireAllRead).text();
  }
}
