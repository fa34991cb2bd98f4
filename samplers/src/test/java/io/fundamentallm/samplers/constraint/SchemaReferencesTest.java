package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.decoding.TokenConstraint;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whatever a definition is called, a reference means it and nothing else. */
class SchemaReferencesTest {
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
