package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.decoding.TokenConstraint;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a definition is called, a reference means it and nothing else. */
class SchemaReferencesTest {
  @ParameterizedTest
  @ValueSource(strings = {"#/$defs/100%", "#/$defs/%2", "#/$defs/%zz"})
  void an_escape_that_is_none_is_refused_with_its_place(String reference) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Bound.stage(
                    "json-schema", "{\"properties\":{\"a\":{\"$ref\":\"" + reference + "\"}}}"))
        .withMessageContaining(
            "#/properties/a/$ref is not a path with two hexadecimal digits behind each %");
  }

  @Test
  void a_percent_sign_in_a_name_is_escaped() {
    TokenConstraint constraint =
        Bound.bytes(
            "json-schema",
            "{\"$defs\":{\"100%\":{\"type\":\"null\"}},\"$ref\":\"#/$defs/100%25\"}");
    assertThat(Bound.accepts(constraint, "null")).isTrue();
    assertThat(Bound.accepts(constraint, "1")).isFalse();
  }

  /** The compiler's own names are those of schemas with a number behind, too. */
  @Test
  void a_definition_may_have_a_name_that_looks_like_one_of_the_compiler() {
    String definitions =
        IntStream.range(0, 10)
            .mapToObj(i -> "\"x " + i + "\":{\"type\":\"null\"}")
            .collect(Collectors.joining(","));
    String references =
        IntStream.range(0, 10)
            .mapToObj(i -> "{\"$ref\":\"#/$defs/x " + i + "\"}")
            .collect(Collectors.joining(","));
    TokenConstraint constraint =
        Bound.bytes(
            "json-schema",
            "{\"$defs\":{\"x\":{\"type\":\"object\"},"
                + definitions
                + "},\"prefixItems\":["
                + references
                + ",{\"$ref\":\"#/$defs/x\"}]}");

    assertThat(Bound.accepts(constraint, "[" + "null,".repeat(10) + "{}]")).isTrue();
    for (int i = 0; i < 10; i++) {
      String wrong = "[" + "null,".repeat(i) + "{}," + "null,".repeat(9 - i) + "{}]";
      assertThat(Bound.accepts(constraint, wrong)).as(wrong).isFalse();
    }
  }
}
